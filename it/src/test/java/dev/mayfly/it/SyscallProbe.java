package dev.mayfly.it;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * A line of {@code probes/syscalls}: what a call answered.
 *
 * @param result {@code OK}, an errno's name or a signal's
 * @param wanted the same, where the profile is in force
 * @param needs {@code -}, the capability without which the kernel refuses the call by itself, or
 *     {@code KERNEL} where a kernel may lack it
 */
record SyscallProbe(String name, String result, String wanted, String needs) {
  private static final String SOURCE = "/probes/syscalls.c";
  private static final Pattern PROBED =
      Pattern.compile(
          "\\{\"(?:i386:)?(\\w+)(?::[^\"]*)?\", [PN],|\"(\\w+):(?:family|inet6?|netlink)-");

  /** The program, compiled for this machine, in a directory that has nothing else. */
  static Path compileInto(Path directory) {
    ProbeProgram.compileInto(directory, "syscalls", "-pthread");
    return directory;
  }

  /** What the program printed. */
  static List<SyscallProbe> table(String printed) {
    return printed.lines().map(SyscallProbe::parse).toList();
  }

  private static SyscallProbe parse(String line) {
    String[] fields = line.split("\t", -1);
    if (fields.length != 4) {
      throw new AssertionError("not a line of the probe: " + line);
    }
    return new SyscallProbe(fields[0], fields[1], fields[2], fields[3]);
  }

  /** The calls that the program can try, on any architecture. */
  static Set<String> calls() throws IOException {
    try (InputStream source =
        Objects.requireNonNull(SyscallProbe.class.getResourceAsStream(SOURCE))) {
      Set<String> calls = new TreeSet<>();
      PROBED
          .matcher(new String(source.readAllBytes(), StandardCharsets.UTF_8))
          .results()
          .forEach(found -> calls.add(firstGroup(found)));
      return calls;
    }
  }

  private static String firstGroup(MatchResult found) {
    return found.group(1) != null ? found.group(1) : found.group(2);
  }

  /** The system call behind the name, whichever arguments and architecture it was tried with. */
  String call() {
    return name.replaceFirst("^i386:", "").replaceFirst(":.*", "");
  }

  boolean refused() {
    return result.equals(wanted);
  }

  /** Whether a kernel without a filter may give the same answer. */
  boolean mayBeAbsent() {
    return needs.equals("KERNEL") && result.equals("ENOSYS");
  }

  boolean needsCapability() {
    return needs.startsWith("CAP_");
  }
}
