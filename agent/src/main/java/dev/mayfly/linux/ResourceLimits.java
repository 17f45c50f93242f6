package dev.mayfly.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The hard limits of this process (getrlimit(2), proc(5)). */
public final class ResourceLimits {
  private ResourceLimits() {}

  /** RLIMIT_NOFILE. */
  public static long openFiles() throws IOException {
    return hard("Max open files", own());
  }

  /** RLIMIT_NPROC, at most as many as the kernel has numbers for. */
  public static long processes() throws IOException {
    // Not Files.readString: it asks for one byte first, and a sysctl tells no second one.
    long numbers =
        Long.parseLong(Files.readAllLines(Path.of("/proc/sys/kernel/pid_max")).getFirst());
    return Math.min(hard("Max processes", own()), numbers);
  }

  private static List<String> own() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/limits"));
  }

  /**
   * The hard limit of that name.
   *
   * @param lines of {@code /proc/PID/limits}: name, soft limit, hard limit, unit
   * @return {@link Long#MAX_VALUE} where there is none
   */
  static long hard(String name, List<String> lines) throws IOException {
    for (String line : lines) {
      if (line.startsWith(name + " ")) {
        String limit = line.substring(name.length()).strip().split("\\s+", -1)[1];
        return limit.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(limit);
      }
    }
    throw new IOException("/proc/self/limits tells no " + name);
  }
}
