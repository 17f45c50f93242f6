package dev.mayfly.detect;

import static dev.mayfly.event.Event.Opened.Access.READ;
import static dev.mayfly.event.Event.Opened.Access.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.event.Actor;
import dev.mayfly.event.Observation;
import dev.mayfly.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every rule comes with recordings: what it must match, in {@code ID.match.jsonl}, and what is like
 * it and harmless, in {@code ID.quiet.jsonl}.
 */
class FixturesTest {
  private static final Path FIXTURES = Path.of("src", "test", "resources", "detections");
  private static final String MATCH = ".match.jsonl";
  private static final String QUIET = ".quiet.jsonl";

  @TestFactory
  Stream<DynamicTest> matchesWhatItMustAndNothingLikeIt() throws ConfigException {
    return Detections.load(Optional.empty()).rules().stream()
        .map(
            rule ->
                DynamicTest.dynamicTest(
                    rule.id(), () -> assertThat(complaints(rule, FIXTURES)).isEmpty()));
  }

  @Test
  void hasNoFixturesOfRulesThatAreGone() throws Exception {
    Set<String> known =
        Detections.load(Optional.empty()).rules().stream()
            .flatMap(rule -> Stream.of(rule.id() + MATCH, rule.id() + QUIET))
            .collect(Collectors.toSet());
    if (Files.isDirectory(FIXTURES)) {
      try (Stream<Path> files = Files.list(FIXTURES)) {
        assertThat(files.map(file -> file.getFileName().toString())).isSubsetOf(known);
      }
    }
  }

  private static List<String> complaints(Rule rule, Path folder) throws IOException {
    List<String> complaints = new ArrayList<>();
    for (String kind : List.of(MATCH, QUIET)) {
      Path file = folder.resolve(rule.id() + kind);
      List<Observation> recorded = Files.exists(file) ? ObservationJson.readAll(file) : List.of();
      Detector detector = new Detector(new DetectionRules(List.of(rule), List.of()));
      recorded.forEach(detector::observe);
      if (recorded.isEmpty()) {
        complaints.add(file.getFileName() + " is missing or empty");
      } else if (detector.matches().isEmpty() == kind.equals(MATCH)) {
        complaints.add(file.getFileName() + (kind.equals(MATCH) ? " does not match" : " matches"));
      }
    }
    return complaints;
  }

  @Test
  void seesFixturesThatAreMissingOrWrong(@TempDir Path folder) throws Exception {
    Rule rule =
        Detections.load(Optional.of(Path.of("src", "test", "resources", "rules")))
            .rule("test.cron")
            .orElseThrow();
    Actor actor = Sample.process(1, "/bin/tee", "tee");
    String written = ObservationJson.write(Sample.opened(actor, "/etc/cron.d/x", WRITE)) + "\n";
    String read = ObservationJson.write(Sample.opened(actor, "/etc/cron.d/x", READ)) + "\n";
    assertThat(complaints(rule, folder))
        .containsExactly(
            "test.cron.match.jsonl is missing or empty",
            "test.cron.quiet.jsonl is missing or empty");
    Files.writeString(folder.resolve("test.cron.match.jsonl"), read + read);
    Files.writeString(folder.resolve("test.cron.quiet.jsonl"), read + written);
    assertThat(complaints(rule, folder))
        .containsExactly("test.cron.match.jsonl does not match", "test.cron.quiet.jsonl matches");
    Files.writeString(folder.resolve("test.cron.match.jsonl"), read + written);
    Files.writeString(folder.resolve("test.cron.quiet.jsonl"), read);
    assertThat(complaints(rule, folder)).isEmpty();
  }
}
