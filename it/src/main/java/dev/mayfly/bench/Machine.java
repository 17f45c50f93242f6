package dev.mayfly.bench;

import dev.mayfly.engine.EngineFacts;
import dev.mayfly.linux.Cgroups;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Locale;

/** Where and when it was measured. */
final class Machine {
  private Machine() {}

  static String describe(EngineFacts engine) throws IOException {
    return """
        | what | is |
        | --- | --- |
        | date | %s |
        | processor | %s, %d cores |
        | memory | %.1f GiB |
        | kernel | %s |
        | engine | %s %s, %s, user namespace %s |
        | cgroups | %s |
        | Java | %s |
        | load before | %s |
        """
        .formatted(
            LocalDate.now(ZoneOffset.UTC),
            field("/proc/cpuinfo", "model name"),
            Runtime.getRuntime().availableProcessors(),
            Long.parseLong(field("/proc/meminfo", "MemTotal").replace(" kB", "")) / 1048576.0,
            System.getProperty("os.version"),
            engine.product(),
            engine.version(),
            engine.storageDriver(),
            engine.userNamespace() ? "in force" : "off",
            Cgroups.detect().mode().name().toLowerCase(Locale.ROOT),
            Runtime.version(),
            Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
  }

  /** The most memory that this process had at any time, in MiB. */
  static long peakResidentMiB() throws IOException {
    return Long.parseLong(field("/proc/self/status", "VmHWM").replace(" kB", "")) / 1024;
  }

  /** What all threads of this process used of the processors, as the kernel tells it in ticks. */
  static Duration processorTime() {
    return ProcessHandle.current().info().totalCpuDuration().orElseThrow();
  }

  private static String field(String file, String key) throws IOException {
    for (String line : Files.readAllLines(Path.of(file))) {
      int colon = line.indexOf(':');
      if (colon > 0 && line.substring(0, colon).strip().equals(key)) {
        return line.substring(colon + 1).strip();
      }
    }
    return "unknown";
  }
}
