package dev.mayfly.monitor;

import dev.mayfly.event.Actor;
import dev.mayfly.event.Event;
import dev.mayfly.event.ProcessKey;
import dev.mayfly.monitor.SandboxActivity.ProcessRecord;
import dev.mayfly.monitor.SandboxActivity.Program;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** A process on its way into the report. */
final class TracedProcess {
  private static final int MOST_PROGRAMS = 8;
  private static final int MOST_TEXT = 1_024;

  /** Where a text goes on that is cut; what masks secrets looks for it. */
  private static final String MORE = "…";

  private final ProcessKey key;
  private final OptionalInt parent;
  private final int uid;
  private final long start;
  private final List<Program> programs = new ArrayList<>(1);
  private long further;
  private OptionalLong end = OptionalLong.empty();
  private OptionalInt status = OptionalInt.empty();

  TracedProcess(Actor actor, long start) {
    this.key = actor.key();
    this.parent =
        actor.parent().map(one -> OptionalInt.of(one.key().pid())).orElse(OptionalInt.empty());
    this.uid = actor.uid();
    this.start = start;
  }

  ProcessKey key() {
    return key;
  }

  /**
   * Adds a program.
   *
   * @param whole whether there is room for arguments
   * @return how many characters were kept
   */
  int executed(Event.Executed executed, boolean whole) {
    if (programs.size() == MOST_PROGRAMS) {
      further++;
      return 0;
    }
    List<String> kept = new ArrayList<>();
    int left = whole ? MOST_TEXT : 0;
    for (String argument : executed.arguments()) {
      if (argument.length() > left) {
        if (left > 0) {
          kept.add(argument.substring(0, left) + MORE);
        }
        break;
      }
      kept.add(argument);
      left -= argument.length() + 1;
    }
    boolean cutBefore = executed.flaws().contains(Event.Executed.Flaw.ARGUMENTS_CUT);
    boolean cut = cutBefore || !kept.equals(executed.arguments());
    if (cutBefore && !kept.isEmpty() && kept.equals(executed.arguments())) {
      kept.add(kept.removeLast() + MORE);
    }
    programs.add(new Program(executed.path(), kept, cut));
    return executed.path().length() + kept.stream().mapToInt(String::length).sum();
  }

  void end(long time, int waitStatus) {
    end = OptionalLong.of(time);
    status = OptionalInt.of(waitStatus);
  }

  ProcessRecord told() {
    return new ProcessRecord(key.pid(), parent, uid, start, end, programs, further, status);
  }
}
