package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.policy.Policy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real builds run unbroken with the limits and the seccomp profile that every job has. */
final class CorpusIT {
  private final Path directory;
  private final Mayfly mayfly;

  CorpusIT(@TempDir Path directory) {
    this.directory = directory;
    this.mayfly = Mayfly.onPrivateEngine(directory, "policies: [{name: user, identity: user}]\n");
  }

  /** Every script of the corpus: one whose workspace was not prepared fails. */
  static List<String> scripts() throws IOException, URISyntaxException {
    return scripts(script -> true);
  }

  /** Every second one; all of them in full size. */
  static List<String> scriptsThatInstallNoPackages() throws IOException, URISyntaxException {
    List<String> all = scripts(script -> !text(script).contains("./install-packages"));
    return Site.fullSize()
        ? all
        : IntStream.range(0, all.size()).filter(i -> i % 2 == 0).mapToObj(all::get).toList();
  }

  private static List<String> scripts(Predicate<Path> which)
      throws IOException, URISyntaxException {
    Path corpus = Path.of(Objects.requireNonNull(CorpusIT.class.getResource("/corpus")).toURI());
    try (Stream<Path> files = Files.list(corpus)) {
      return files
          .filter(file -> file.toString().endsWith(".sh"))
          .filter(which)
          .map(file -> file.getFileName().toString().replaceFirst("\\.sh$", ""))
          .sorted()
          .toList();
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @AfterEach
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("scripts")
  @Execution(ExecutionMode.CONCURRENT)
  void runsUnbroken(String name) {
    runsUnbroken(name, Policy.DEFAULT_NAME);
  }

  @ParameterizedTest
  @MethodSource("scriptsThatInstallNoPackages")
  @Execution(ExecutionMode.CONCURRENT)
  void runsUnbrokenWithoutCapabilities(String name) {
    runsUnbroken(name, "user");
  }

  private void runsUnbroken(String name, String policy) {
    Path workspace = Site.corpus().resolve(name);

    Mayfly.Result result =
        mayfly.execWith(
            List.of("--policy", policy, "--workspace", workspace.toString()),
            "bash",
            "./" + name + ".sh");

    assertThat(result.stdout()).as(result.stderr()).endsWith("CORPUS-OK " + name + "\n");
    assertThat(result.exitCode()).isZero();
    assertThat(result.stderr()).as("findings of a build").doesNotContain("finding ");
  }
}
