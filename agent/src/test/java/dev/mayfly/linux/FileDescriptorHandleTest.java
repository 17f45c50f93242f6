package dev.mayfly.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileDescriptorHandleTest {
  private final Path file;

  FileDescriptorHandleTest(@TempDir Path directory) throws IOException {
    file = Files.writeString(directory.resolve("file"), "text");
  }

  @Test
  void namesWhatIsOpenWhateverItsNameMeansByNow() throws IOException {
    try (FileDescriptorHandle handle = FileDescriptorHandle.open(file, LibC.O_RDONLY)) {
      Files.move(file, file.resolveSibling("moved"));
      Files.writeString(file, "another");

      assertThat(handle.path()).hasContent("text");
    }
  }

  @Test
  void closesOnceThoughTheNumberMeansAnotherFileByNow() throws IOException {
    FileDescriptorHandle first = FileDescriptorHandle.open(file, LibC.O_RDONLY);
    int number = first.fd();
    first.close();
    assertThat(Path.of("/proc/self/fd/" + number)).doesNotExist();

    try (FileDescriptorHandle second = FileDescriptorHandle.open(file, LibC.O_RDONLY)) {
      assertThat(second.fd()).isEqualTo(number);
      first.close();

      assertThat(second.path()).hasContent("text");
    }
  }

  @Test
  void isNotPassedOnToCommands() throws IOException {
    try (FileDescriptorHandle handle = FileDescriptorHandle.open(file, LibC.O_RDONLY)) {
      String flags =
          Files.readString(Path.of("/proc/self/fdinfo/" + handle.fd()))
              .replaceFirst("(?s).*flags:\\s+([0-7]+).*", "$1");

      assertThat(Integer.parseInt(flags, 8) & LibC.O_CLOEXEC).isNotZero();
    }
  }

  @Test
  void saysWhatCouldNotBeOpened() {
    Path missing = file.resolveSibling("missing");

    assertThatThrownBy(() -> FileDescriptorHandle.open(missing, LibC.O_RDONLY))
        .isInstanceOfSatisfying(
            SyscallException.class,
            e -> {
              assertThat(e.operation()).isEqualTo("open");
              assertThat(e.errno()).isEqualTo(Errno.ENOENT);
            })
        .hasMessage("open " + missing + ": No such file or directory (errno 2)");
  }
}
