package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.job.Finding;
import dev.mayfly.rules.RuleScript;
import dev.mayfly.rules.ScriptRunner;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The detections, live: attacks are found, and builds are not. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DetectionsIT {
  private static final int EACH = 4;
  private static final String WORKSPACE = "# workspace:";

  private MonitorBed bed;

  @BeforeAll
  void start(@TempDir Path directory) {
    bed = new MonitorBed(directory);
  }

  @AfterAll
  void stop() {
    bed.close();
  }

  private static Path scripts(String folder) throws URISyntaxException {
    return Path.of(Objects.requireNonNull(DetectionsIT.class.getResource(folder)).toURI());
  }

  /** One of four, so that every file of rules is among them; all of them in full size. */
  static List<RuleScript> attacks() throws IOException, URISyntaxException {
    List<RuleScript> all =
        RuleScript.in(scripts("/detections")).stream()
            .filter(script -> script.attack() && !script.needs().contains("host-engine"))
            .toList();
    return Site.fullSize()
        ? all
        : IntStream.range(0, all.size()).filter(i -> i % EACH == 0).mapToObj(all::get).toList();
  }

  static List<Path> builds() throws IOException, URISyntaxException {
    try (Stream<Path> files = Files.list(scripts("/detections/corpus"))) {
      return files.filter(file -> file.toString().endsWith(".sh")).sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("attacks")
  @Execution(ExecutionMode.CONCURRENT)
  void findsWhatImitatesAnAttack(RuleScript script) throws IOException {
    ScriptRunner.Ran ran = bed.runner().run(script);

    assertThat(ran.result().findings())
        .as(ran.said())
        .extracting(Finding::rule)
        .contains(script.rule());
    assertThat(ran.result().activity().losses()).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("builds")
  @Execution(ExecutionMode.CONCURRENT)
  void isSilentAboutBuilds(Path script) throws IOException {
    RuleScript needs = RuleScript.of(script);
    Optional<Path> around =
        Files.readAllLines(script).stream()
            .filter(line -> line.startsWith(WORKSPACE))
            .map(line -> Site.corpus().resolve(line.substring(WORKSPACE.length()).strip()))
            .findFirst();

    ScriptRunner.Ran ran = bed.runner().run(script, Set.copyOf(needs.needs()), around);

    assertThat(ran.said())
        .as("%s: %s", script.getFileName(), ran.result().outcome())
        .contains("CORPUS-OK");
    assertThat(ran.result().exitCode()).as(ran.said()).isZero();
    assertThat(ran.result().findings())
        .as(ran.said())
        .filteredOn(finding -> finding.severity().compareTo(Finding.Severity.MEDIUM) >= 0)
        .isEmpty();
  }
}
