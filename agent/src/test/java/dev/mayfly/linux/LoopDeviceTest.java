package dev.mayfly.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LoopDeviceTest {
  private final Path devices;

  LoopDeviceTest(@TempDir Path devices) {
    this.devices = devices;
  }

  private void device(String name, byte[] backing) throws IOException {
    Files.write(
        Files.createDirectories(devices.resolve(name).resolve("loop")).resolve("backing_file"),
        backing);
  }

  @Test
  void listsTheDevicesThatHaveAFile() throws IOException {
    device("loop0", "/var/lib/a b.img\n".getBytes(StandardCharsets.UTF_8));
    device("loop7", "/var/lib/gone.img (deleted)\n".getBytes(StandardCharsets.UTF_8));
    device("loop8", "\n".getBytes(StandardCharsets.UTF_8));
    Files.createDirectory(devices.resolve("loop9"));
    device("sda", "/not/a/loop\n".getBytes(StandardCharsets.UTF_8));

    assertThat(LoopDevice.list(devices))
        .containsExactlyInAnyOrder(
            new LoopDevice.Backed(Path.of("/dev/loop0"), "/var/lib/a b.img"),
            new LoopDevice.Backed(Path.of("/dev/loop7"), "/var/lib/gone.img (deleted)"));
  }

  @Test
  void listsTheOthersWhereAFilesNameIsNoText() throws IOException {
    device("loop0", new byte[] {'/', (byte) 0xff, '\n'});
    device("loop1", "/var/lib/own.img\n".getBytes(StandardCharsets.UTF_8));

    assertThat(LoopDevice.list(devices))
        .extracting(LoopDevice.Backed::backing)
        .containsExactlyInAnyOrder("/\uFFFD", "/var/lib/own.img");
  }

  @Test
  void refusesToListWhatIsNotThere() {
    assertThatThrownBy(() -> LoopDevice.list(devices.resolve("none")))
        .isInstanceOf(NoSuchFileException.class);
  }
}
