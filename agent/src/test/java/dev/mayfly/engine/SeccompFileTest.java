package dev.mayfly.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SeccompFileTest {
  @TempDir private Path directory;

  @Test
  void holdsTheProfileAndLeavesNothingElse() throws Exception {
    Path file = SeccompFile.of(directory.resolve("seccomp"), "{}");

    assertThat(file).hasContent("{}");
    assertThat(SeccompFile.of(directory.resolve("seccomp"), "{}")).isEqualTo(file);
    assertThat(directory.resolve("seccomp")).isDirectoryContaining(file::equals);
    assertThat(directory.resolve("seccomp").toFile().list()).hasSize(1);
  }

  @Test
  void takesOverWhatACrashLeft() throws Exception {
    Path file = SeccompFile.of(directory, "{}");
    Path left = Path.of(file.toString().replace(".json", ".new"));
    Files.delete(file);
    Files.writeString(left, "half of something longer");

    assertThat(SeccompFile.of(directory, "{}")).hasContent("{}");
    assertThat(left).doesNotExist();
  }

  @Test
  void tellsWhereItCouldNotBeWritten() throws IOException {
    Path blocked = Files.createFile(directory.resolve("file"));

    assertThatThrownBy(() -> SeccompFile.of(blocked, "{}"))
        .isExactlyInstanceOf(EngineException.class)
        .hasMessageStartingWith("write seccomp profile in " + blocked)
        .hasMessageEndingWith("; make room there, and let root write there");
  }
}
