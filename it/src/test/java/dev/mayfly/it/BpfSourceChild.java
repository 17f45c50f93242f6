package dev.mayfly.it;

import dev.mayfly.event.WatchedName;
import dev.mayfly.event.WatchedName.Use;
import dev.mayfly.monitor.BpfSource;
import dev.mayfly.monitor.EventSource.Answer;
import dev.mayfly.monitor.EventSource.Target;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** A supervisor that watches one cgroup and pins its programs, until its standard input ends. */
final class BpfSourceChild {
  private static final int RING = 1 << 20;
  private static final Set<Use> READ = Set.of(Use.READ);
  private static final List<WatchedName> NAMES =
      List.of(new WatchedName(".aws", "", false, READ, READ));
  private static final Set<Answer> ANSWERS =
      Set.of(Answer.KILL_MEMORY_READERS, Answer.REFUSE_CREDENTIALS);

  private BpfSourceChild() {}

  public static void main(String[] arguments) throws IOException {
    Path pins = Path.of(arguments[0]);
    try (BpfSource source =
        BpfSource.open(new BpfSource.Settings(RING, RING / 2, NAMES, Optional.of(pins)))) {
      source.watch(new Target(arguments[1], ANSWERS), new SeenEvents()).started(1);
      System.out.println(source.weaknesses());
      System.out.println("ready");
      while (System.in.read() != -1) {
        // Nobody says anything: it waits for the end.
      }
    }
  }
}
