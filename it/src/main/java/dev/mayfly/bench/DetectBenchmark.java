package dev.mayfly.bench;

import dev.mayfly.detect.DetectionRules;
import dev.mayfly.detect.Detections;
import dev.mayfly.detect.Detector;
import dev.mayfly.event.Actor;
import dev.mayfly.event.Event;
import dev.mayfly.event.FileIdentity;
import dev.mayfly.event.Observation;
import dev.mayfly.event.ProcessKey;
import dev.mayfly.event.Stamp;
import dev.mayfly.yaml.ConfigException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How many events of a build a detector looks at in a second of its thread's CPU time, which other
 * load on the machine does not change much. Needs nothing; started by hand.
 */
final class DetectBenchmark {
  private static final int RULES = 100;
  private static final int PROCESSES = 2000;
  private static final int ROUNDS = 9;
  private static final List<String> CONDITIONS =
      List.of(
          "file.written and file.path glob \"/etc/cron%d.*/**\" and not ancestor(process.name = dpkg)",
          "event = exec and process.name in [nc%d, ncat] and process.args has [-e, -c]",
          "event = exec and process.command matches \"base64 +-d.*[|] *sh%d\"",
          "event = socket and socket.address within 169.254.%d.0/24",
          "file.read and file.path endswith [/.ssh/id_%d, /.npmrc] and not process.name = ssh");

  private DetectBenchmark() {}

  public static void main(String[] arguments) throws IOException, ConfigException {
    Path folder = Files.createTempDirectory("rules");
    Path file = folder.resolve("bench.yaml");
    DetectionRules rules;
    try {
      Files.writeString(file, rules());
      rules = Detections.load(Optional.of(folder));
    } finally {
      Files.deleteIfExists(file);
      Files.delete(folder);
    }
    List<Observation> events = events();
    double[] rates = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      Detector detector = new Detector(rules);
      long before = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      for (int i = 0; i < 20; i++) {
        events.forEach(detector::observe);
      }
      long spent = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - before;
      rates[round] = 20.0 * events.size() / spent * 1e9;
    }
    // The first third is the compiler's.
    double[] warm = Arrays.copyOfRange(rates, ROUNDS / 3, ROUNDS);
    Arrays.sort(warm);
    System.out.printf(
        "%d rules: %,.0f events/s of CPU (%,.0f to %,.0f)%n",
        rules.rules().size(), warm[warm.length / 2], warm[0], warm[warm.length - 1]);
  }

  private static String rules() {
    StringBuilder text = new StringBuilder("rules:\n");
    for (int i = 0; i < RULES; i++) {
      text.append(
          """
            - {id: bench.r%d, title: T, description: D, severity: low, category: tools,
               reaction: audit, remedy: R, when: '%s'}
          """
              .formatted(i, CONDITIONS.get(i % CONDITIONS.size()).formatted(i)));
    }
    return text.toString();
  }

  /** A compiler is run by make, reads and writes some files, and ends. */
  private static List<Observation> events() throws IOException {
    InetAddress mirror = InetAddress.getByAddress(new byte[] {(byte) 192, 0, 2, 1});
    Optional<Actor> parent = Optional.empty();
    for (String name : List.of("sh", "make", "make", "sh")) {
      parent = Optional.of(actor(1, parent, "/usr/bin/" + name, List.of(name, "-c", "all")));
    }
    List<Observation> events = new ArrayList<>();
    for (int pid = 2; pid < PROCESSES; pid++) {
      String source = "/workspace/src/part%d/file%d.c".formatted(pid % 20, pid);
      Actor actor =
          actor(pid, parent, "/usr/bin/cc1", List.of("cc1", "-O2", "-Iinclude", "-o", "x", source));
      Stamp stamp = new Stamp(pid, pid, actor.key(), pid, 1, 0, 0, 1, "cc1", Stamp.Effect.TOLD);
      List<Event> its =
          List.of(
              new Event.Forked(stamp, new ProcessKey(pid, pid), false, 1, false, false),
              new Event.Executed(
                  stamp,
                  FileIdentity.UNKNOWN,
                  actor.path(),
                  "/",
                  "cc1",
                  actor.arguments(),
                  0,
                  Set.of()),
              opened(stamp, source, Event.Opened.Access.READ),
              opened(stamp, "/usr/include/stdio.h", Event.Opened.Access.READ),
              opened(stamp, source + ".o", Event.Opened.Access.WRITE),
              new Event.Socket(stamp, Event.Socket.Use.CONNECT, 2, 1, 6, Optional.of(mirror), 443),
              new Event.Exited(stamp, 0, Duration.ZERO, Duration.ZERO, 1, false));
      its.forEach(event -> events.add(new Observation(event, actor)));
    }
    return events;
  }

  private static Event opened(Stamp stamp, String path, Event.Opened.Access access) {
    return new Event.Opened(stamp, FileIdentity.UNKNOWN, path, access, false, false, 0);
  }

  private static Actor actor(int pid, Optional<Actor> parent, String path, List<String> arguments) {
    return new Actor(
        new ProcessKey(pid, pid),
        parent,
        FileIdentity.UNKNOWN,
        path,
        path,
        arguments,
        "/workspace",
        0,
        1,
        parent.map(maker -> maker.generation() + 1).orElse(0),
        pid);
  }
}
