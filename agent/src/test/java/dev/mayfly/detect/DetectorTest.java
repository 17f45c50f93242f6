package dev.mayfly.detect;

import static dev.mayfly.event.Event.Opened.Access.READ;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.event.Actor;
import dev.mayfly.event.Event;
import dev.mayfly.event.Observation;
import dev.mayfly.yaml.ConfigException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DetectorTest {
  private static final Actor SHELL = Sample.process(10, "/bin/sh", "sh");
  private static final Actor ONE = Sample.child(SHELL, 20, "/bin/one", "one");
  private static final Actor TWO = Sample.child(ONE, 30, "/bin/two", "two");
  private static final String STEPS =
      "sequence: [file.path = /a, event = exec, socket.port = 80], within: 10s";

  private static DetectionRules rules(String... keys) {
    StringBuilder text = new StringBuilder("rules:\n");
    for (int i = 0; i < keys.length; i++) {
      text.append(
          """
            - {id: r.%d, title: T, description: D, severity: low, category: tools, reaction: audit,
               remedy: R, %s}
          """
              .formatted(i, keys[i]));
    }
    try {
      return Detections.parse(Map.of(Path.of("rules.yaml"), text.toString()));
    } catch (ConfigException e) {
      throw new AssertionError(e);
    }
  }

  private static Detector detector(String... keys) {
    return new Detector(rules(keys));
  }

  private static Duration at(long seconds) {
    return Duration.ofSeconds(seconds);
  }

  private static Observation opened(Actor actor, String path, long seconds) {
    return Sample.opened(actor, path, READ, at(seconds));
  }

  private static Observation connected(Actor actor, long seconds) {
    return Sample.connected(actor, "192.0.2.1", 80, at(seconds));
  }

  @Test
  void tellsWhichRulesMatch() {
    Detector detector =
        detector("when: event = exec", "when: process.name = one", "when: file.read");
    List<Match> matches = detector.observe(Sample.exec(ONE));
    assertThat(matches).extracting(match -> match.rule().id()).containsExactly("r.0", "r.1");
    assertThat(matches.getFirst().target()).isEqualTo("one");
    assertThat(matches.getFirst().observations()).containsExactly(Sample.exec(ONE));
    assertThat(detector.observe(connected(TWO, 1))).isEmpty();
  }

  @Test
  void tellsWhatIsAlikeOnceAndCountsIt() {
    Detector detector = detector("when: file.read");
    assertThat(detector.observe(opened(ONE, "/a", 1))).hasSize(1);
    assertThat(detector.observe(opened(ONE, "/a", 2))).isEmpty();
    assertThat(detector.observe(opened(TWO, "/a", 3))).as("another program").hasSize(1);
    assertThat(detector.observe(opened(ONE, "/b", 4))).as("another target").hasSize(1);
    assertThat(detector.observe(opened(ONE, "/a", 5))).isEmpty();
    assertThat(detector.matches())
        .extracting(match -> match.target() + " " + match.count())
        .containsExactly("/a 3", "/a 1", "/b 1");
    assertThat(detector.untold()).isEmpty();
  }

  @Test
  void hidesNoRuleBehindTheFloodOfOthers() {
    String[] keys = new String[13];
    for (int i = 0; i < 12; i++) {
      keys[i] = "when: file.read and file.path startswith \"/%d/\"".formatted(i);
    }
    keys[12] = "when: event = exec";
    Detector detector = detector(keys);
    int told = 0;
    for (int i = 0; i < 120_000; i++) {
      told += detector.observe(opened(ONE, "/" + i % 12 + "/" + i, 1)).size();
    }
    assertThat(told).isEqualTo(1000);
    assertThat(detector.observe(Sample.exec(ONE))).hasSize(1);
    assertThat(detector.matches()).hasSize(1001);
    assertThat(detector.untold().values().stream().mapToLong(Long::longValue).sum())
        .isEqualTo(119_000);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          /a@1 exec@2 80@3 | 1
          /a@1 exec@2 80@11 | 1
          /a@1 exec@2 80@12 | 0
          exec@1 /a@2 80@3 | 0
          /a@1 80@2 exec@3 | 0
          /a@1 exec@2 | 0
          /a@1 /a@5 exec@6 80@14 | 1
          /a@1 exec@2 /a@9 80@15 | 0
          /a@1 exec@2 /a@9 80@10 | 1
          /a@1 exec@2 80@3 80@4 | 2
          /a@1 exec@2 exec@3 80@4 /a@5 80@6 | 2
          /b@1 exec@2 80@3 | 0
          """)
  void matchesEventsInTheirOrderAndTime(String events, int wanted) {
    Detector detector = detector(STEPS);
    int matches = 0;
    for (String event : events.split(" ")) {
      String what = event.substring(0, event.indexOf('@'));
      long time = Long.parseLong(event.substring(what.length() + 1));
      Observation observation =
          switch (what) {
            case "exec" -> Sample.exec(ONE, at(time));
            case "80" -> connected(ONE, time);
            default -> opened(ONE, what, time);
          };
      detector.observe(observation);
    }
    for (Match match : detector.matches()) {
      matches += (int) match.count();
      assertThat(match.observations())
          .extracting(seen -> EventKind.of(seen.event()))
          .containsExactly(EventKind.OPEN, EventKind.EXEC, EventKind.SOCKET);
      assertThat(match.target()).isEqualTo("192.0.2.1:80");
    }
    assertThat(matches).isEqualTo(wanted);
  }

  @Test
  void takesOneEventForOneStepOnly() {
    Detector detector = detector("sequence: [file.read, file.read], within: 10s");
    assertThat(detector.observe(opened(ONE, "/a", 1))).isEmpty();
    List<Match> matches = detector.observe(opened(ONE, "/b", 2));
    assertThat(matches).hasSize(1);
    assertThat(matches.getFirst().observations())
        .containsExactly(opened(ONE, "/a", 1), opened(ONE, "/b", 2));
  }

  @ParameterizedTest
  @CsvSource({
    "sandbox, 1, 1, 1",
    "process, 1, 0, 0",
    "parent, 0, 0, 1",
    "session, 1, 1, 1",
  })
  void wantsWhatBelongsTogether(String by, int same, int child, int sibling) {
    String keys = "sequence: [file.path = /a, file.path = /b], within: 10s, by: " + by;
    Actor other = Sample.child(SHELL, 40, "/bin/other", "other");
    Actor stranger = Sample.process(50, "/bin/stranger", "stranger");
    assertThat(second(keys, ONE, ONE)).isEqualTo(by.equals("parent") ? 1 : same);
    assertThat(second(keys, ONE, TWO)).isEqualTo(child);
    assertThat(second(keys, ONE, other)).isEqualTo(sibling);
    assertThat(second(keys, ONE, stranger)).isEqualTo(by.equals("sandbox") ? 1 : 0);
  }

  private static int second(String keys, Actor first, Actor second) {
    Detector detector = detector(keys);
    assertThat(detector.observe(opened(first, "/a", 1))).isEmpty();
    return detector.observe(opened(second, "/b", 2)).size();
  }

  @Test
  void countsEventsInATime() {
    Detector detector = detector("when: file.read, count: 3, within: 10s");
    assertThat(detector.observe(opened(ONE, "/a", 1))).isEmpty();
    assertThat(detector.observe(opened(ONE, "/a", 5))).isEmpty();
    assertThat(detector.observe(opened(ONE, "/a", 12))).as("the first is too old").isEmpty();
    assertThat(detector.observe(opened(ONE, "/a", 13))).hasSize(1);
    assertThat(detector.observe(opened(ONE, "/a", 14))).as("begins anew").isEmpty();
    assertThat(detector.observe(opened(ONE, "/a", 14))).isEmpty();
    assertThat(detector.observe(opened(ONE, "/a", 14))).as("told already").isEmpty();
    assertThat(detector.matches()).extracting(Match::count).containsExactly(2L);
  }

  @Test
  void countsDifferentValues() {
    Detector detector =
        detector("when: file.read, count: 3, within: 10s, distinct: file.path, by: process");
    for (int second = 1; second < 9; second++) {
      assertThat(detector.observe(opened(ONE, "/a", second))).isEmpty();
    }
    assertThat(detector.observe(opened(ONE, "/b", 9))).isEmpty();
    assertThat(detector.observe(opened(TWO, "/c", 9))).as("another process").isEmpty();
    assertThat(detector.observe(opened(ONE, "/c", 18))).as("a was seen last at 8").hasSize(1);
  }

  @Test
  void countsNamesWithoutAProcess() {
    Detector detector = detector("when: dns.type = TXT, count: 2, within: 5s, distinct: dns.name");
    assertThat(detector.observe(Sample.asked("a.example", "TXT", at(1)))).isEmpty();
    assertThat(detector.observe(Sample.asked("b.example", "A", at(1)))).isEmpty();
    assertThat(detector.observe(Sample.asked("b.example", "TXT", at(2))))
        .extracting(Match::target)
        .containsExactly("b.example");
  }

  @Test
  void staysBoundedWhateverComes() {
    Detector detector =
        detector(
            "sequence: [file.read, socket.port = 1], within: 10s, by: process",
            "when: file.read, count: 1000, within: 10s, by: process",
            "when: file.read, count: 1000, within: 10s, distinct: file.path",
            "when: file.read, count: 900, within: 10s, distinct: file.path, by: process");
    String large = "x".repeat(30_000);
    long before = held();
    for (int pid = 1; pid <= 100_000; pid++) {
      Actor actor = Sample.child(SHELL, pid, "/bin/x", new String(large.toCharArray()));
      detector.observe(opened(actor, "/" + pid, 1));
    }
    // The arguments of 1,024 processes, whole, are 30 MB.
    assertThat(held() - before).isLessThan(20L << 20);
    assertThat(detector.forgotten()).isEqualTo(3 * (100_000 - 1024));
  }

  /** Bytes of the heap that are in use, by whatever tests ran before, too. */
  private static long held() {
    Runtime runtime = Runtime.getRuntime();
    runtime.gc();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  @Test
  void remembersNothingThatIsOver() {
    Detector detector = detector("sequence: [file.read, socket.port = 1], within: 1s, by: process");
    for (int pid = 1; pid <= 10_000; pid++) {
      detector.observe(opened(Sample.process(pid, "/x"), "/" + pid, pid));
    }
    assertThat(detector.forgotten()).as("all that was given up was too old").isZero();
  }

  @Test
  void keepsLittleOfWhatIsLarge() {
    Actor actor = Sample.process(1, "/bin/x", "x", "y".repeat(30_000), "z");
    for (int pid = 2; pid < 40; pid++) {
      actor = Sample.child(actor, pid, "/bin/x", "x", "y".repeat(30_000));
    }
    Match match = detector("when: event = exec").observe(Sample.exec(actor)).getFirst();
    assertThat(match.target()).hasSize(513).endsWith("y…");
    Actor kept = match.last().actor();
    assertThat(kept.ancestors(100)).hasSize(16);
    assertThat(kept.commandLine()).hasSizeLessThan(4200).endsWith("y…");
    assertThat(((Event.Executed) match.last().event()).flaws())
        .containsExactly(Event.Executed.Flaw.ARGUMENTS_CUT);
  }

  @Test
  void saysWhatItWasDoneTo() {
    assertThat(target("when: event = exec", Sample.exec(ONE))).isEqualTo("one");
    assertThat(target("when: file.read", opened(ONE, "/a", 1))).isEqualTo("/a");
    assertThat(target("when: event = socket", Sample.connected(ONE, "2001:db8::1", 80)))
        .isEqualTo("[2001:db8::1]:80");
    assertThat(target("when: call.ok", Sample.called(ONE, "setns", 0))).isEqualTo("setns");
    assertThat(
            target(
                "when: \"event in [socket, open]\", target: \"{process.name} to {socket.address},"
                    + " {file.path}: {process.nameless}\"",
                connected(ONE, 1)))
        .isEqualTo("one to 192.0.2.1, -: no");
  }

  private static String target(String keys, Observation observation) {
    return detector(keys).observe(observation).getFirst().target();
  }
}
