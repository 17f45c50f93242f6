package dev.mayfly.monitor;

import dev.mayfly.event.Event.Executed.Flaw;
import dev.mayfly.event.FileIdentity;
import dev.mayfly.linux.FoundFile;
import dev.mayfly.linux.ProcessDirectory;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A program as proc(5) tells of it a moment after it was executed: what it was given, unless it
 * wrote over that at once. It may be gone by then.
 */
record Description(
    FileIdentity file,
    String path,
    String directory,
    List<String> arguments,
    Optional<ProcessFacts> facts,
    Set<Flaw> flaws) {
  private static final int MOST_ARGUMENTS = 32 << 10;
  private static final int PAGE = 4096;

  Description {
    arguments = List.copyOf(arguments);
    flaws = Set.copyOf(flaws);
  }

  private static final Description NONE =
      new Description(
          FileIdentity.UNKNOWN,
          "",
          "",
          List.of(),
          Optional.empty(),
          EnumSet.of(Flaw.ARGUMENTS_UNREADABLE));

  /**
   * Reads it.
   *
   * @param before nanoseconds of CLOCK_BOOTTIME at which it was there; what began after that is
   *     another process with the same number
   */
  static Description of(int pid, long before) {
    try (@Nullable ProcessDirectory process = ProcessDirectory.open(pid)) {
      return process == null ? NONE : read(process, before);
    }
  }

  private static Description read(ProcessDirectory process, long before) {
    byte @Nullable [] arguments = process.read("cmdline", MOST_ARGUMENTS + 1);
    byte @Nullable [] path = process.link("exe");
    byte @Nullable [] directory = process.link("cwd");
    @Nullable FoundFile file = process.executable();
    Optional<ProcessFacts> facts = facts(process);
    if (facts.isPresent() && facts.get().start() > before) {
      return NONE;
    }
    Set<Flaw> flaws = EnumSet.noneOf(Flaw.class);
    if (arguments == null || arguments.length == 0) {
      flaws.add(Flaw.ARGUMENTS_UNREADABLE);
    } else if (arguments.length > MOST_ARGUMENTS) {
      flaws.add(Flaw.ARGUMENTS_CUT);
    }
    if (length(path) >= PAGE || length(directory) >= PAGE) {
      flaws.add(Flaw.PATH_CUT);
    }
    return new Description(
        identity(file), text(path), text(directory), list(arguments), facts, flaws);
  }

  /** What is told of a process besides its program; empty where it is gone. */
  static Optional<ProcessFacts> facts(int pid) {
    try (@Nullable ProcessDirectory process = ProcessDirectory.open(pid)) {
      return process == null ? Optional.empty() : facts(process);
    }
  }

  private static Optional<ProcessFacts> facts(ProcessDirectory process) {
    byte @Nullable [] stat = process.read("stat", PAGE);
    byte @Nullable [] status = process.read("status", 2 * PAGE);
    return stat == null || status == null ? Optional.empty() : ProcessFacts.of(stat, status);
  }

  private static FileIdentity identity(@Nullable FoundFile file) {
    return file == null
        ? FileIdentity.UNKNOWN
        : new FileIdentity(file.device(), file.inode(), file.links(), 0, 0);
  }

  private static int length(byte @Nullable [] bytes) {
    return bytes == null ? 0 : bytes.length;
  }

  private static String text(byte @Nullable [] bytes) {
    return bytes == null ? "" : ForeignText.of(bytes);
  }

  /** Each ends with a zero byte. */
  static List<String> list(byte @Nullable [] bytes) {
    List<String> list = new ArrayList<>();
    if (bytes != null) {
      int most = Math.min(bytes.length, MOST_ARGUMENTS);
      int start = 0;
      for (int at = 0; at < most; at++) {
        if (bytes[at] == 0) {
          list.add(ForeignText.of(bytes, start, at));
          start = at + 1;
        }
      }
      if (start < most) {
        list.add(ForeignText.of(bytes, start, most));
      }
    }
    return List.copyOf(list);
  }
}
