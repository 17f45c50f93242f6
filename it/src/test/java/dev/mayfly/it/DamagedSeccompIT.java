package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** An installation whose seccomp files are not what they should be runs no job. */
final class DamagedSeccompIT {
  private final Path directory;
  private final Path dist;
  private final Mayfly mayfly;

  /** Installs a copy of Mayfly that is whole. */
  DamagedSeccompIT(@TempDir Path directory) throws IOException {
    this.directory = directory;
    this.dist = directory.resolve("agent/target/dist");
    Path launcher = directory.resolve("packaging/bin/mayfly");
    copy(Site.launcher(), launcher);
    copy(Site.home(), dist);
    this.mayfly = Mayfly.onPrivateEngine(directory).installedAs(launcher);
  }

  /** What is wrong, and what the message must tell of it. */
  enum Damage {
    CUT_OFF("default.json", "can't be used: line "),
    EMPTY("default.json", "it is not a JSON object"),
    ALLOWS_BY_DEFAULT("default.json", "it does not deny by default"),
    UNKNOWN_TO_THE_ENGINE("default.json", "SCMP_ACT_SHRUG"),
    KNOB_WITHOUT_RULES("knobs/allow-perf.json", "it has no rules"),
    MISSING("knobs/allow-perf.json", "is missing");

    private final String file;
    private final String told;

    Damage(String file, String told) {
      this.file = file;
      this.told = told;
    }

    void doTo(Path seccomp) throws IOException {
      Path target = seccomp.resolve(file);
      String whole = Files.readString(target);
      switch (this) {
        case CUT_OFF -> Files.writeString(target, whole.substring(0, whole.length() / 2));
        case EMPTY -> Files.writeString(target, "");
        case ALLOWS_BY_DEFAULT ->
            Files.writeString(target, whole.replaceFirst("SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW"));
        case UNKNOWN_TO_THE_ENGINE ->
            Files.writeString(target, whole.replaceFirst("SCMP_ACT_ALLOW", "SCMP_ACT_SHRUG"));
        case KNOB_WITHOUT_RULES -> Files.writeString(target, "{}");
        case MISSING -> Files.delete(target);
      }
    }
  }

  @AfterEach
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  @Test
  void runsTheJobWhileTheFilesAreWhole() {
    assertThat(mayfly.exec("echo", "ran").stdout()).isEqualTo("ran\n");
  }

  @ParameterizedTest
  @EnumSource
  void refusesTheJobInOneLine(Damage damage) throws IOException {
    damage.doTo(dist.resolve("seccomp"));

    Mayfly.Result result = mayfly.exec("echo", "ran");

    assertThat(result.exitCode()).isEqualTo(125);
    assertThat(result.stdout()).isEmpty();
    assertThat(result.stderr().lines()).hasSize(1).allMatch(line -> line.contains(damage.told));
  }

  private static void copy(Path source, Path target) throws IOException {
    Files.createDirectories(target.getParent());
    try (Stream<Path> files = Files.walk(source)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        Files.copy(
            file, target.resolve(source.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }
}
