package dev.mayfly.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.engine.FakeEngine;
import dev.mayfly.policy.Identity;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.junit.jupiter.api.Test;

class ImageUsersTest {
  private final FakeEngine engine = new FakeEngine();
  private final ImageUsers users = new ImageUsers(engine);

  private ImageUsers.Files of(String imageId) throws Exception {
    return users.of(imageId, FakeEngine.CONTAINER);
  }

  private static byte[] tar(TarArchiveEntry entry, byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      entry.setSize(content.length);
      tar.putArchiveEntry(entry);
      tar.write(content);
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  private static byte[] file(String content) throws IOException {
    return tar(new TarArchiveEntry("passwd"), content.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsBothFilesOnceForAnImage() throws Exception {
    engine.containing("/etc/passwd", file("app:x:5:6::/app:/bin/sh\n"));
    engine.containing("/etc/group", file("g:x:7:app\n"));
    ImageUsers.Files files = of("sha256:a");
    assertThat(files.passwd()).isEqualTo("app:x:5:6::/app:/bin/sh\n");
    assertThat(files.group()).isEqualTo("g:x:7:app\n");
    assertThat(files.users().resolve(Identity.IMAGE, "app"))
        .contains(new JobUser("app", 5, 6, List.of(7), "/app"));
    assertThat(of("sha256:a")).isSameAs(files);
    assertThat(engine.downloaded()).containsExactly("/etc/passwd", "/etc/group");
    assertThat(of("sha256:b")).isNotSameAs(files);
  }

  @Test
  void takesAnImageWithoutTheFilesForOneWithoutUsers() throws Exception {
    assertThat(of("sha256:a").passwd()).isEmpty();
    assertThat(of("sha256:a").group()).isEmpty();
  }

  /** A link could lead the engine anywhere; a directory has no lines. */
  @Test
  void readsNothingButAFile() throws Exception {
    TarArchiveEntry link = new TarArchiveEntry("passwd", TarConstants.LF_SYMLINK);
    link.setLinkName("/proc/self/environ");
    engine.containing("/etc/passwd", tar(link, new byte[0]));
    engine.containing("/etc/group", tar(new TarArchiveEntry("group/"), new byte[0]));
    assertThat(of("sha256:a").passwd()).isEmpty();
    assertThat(of("sha256:a").group()).isEmpty();
  }

  @Test
  void refusesAFileOfMoreThanAMegabyte() throws Exception {
    engine.containing("/etc/passwd", file("x".repeat((1 << 20) + 1)));
    assertThatThrownBy(() -> of("sha256:a"))
        .isInstanceOf(IOException.class)
        .hasMessage("the image's /etc/passwd has 1048577 bytes");
    engine.containing("/etc/passwd", file("x".repeat(1 << 20)));
    assertThat(of("sha256:a").passwd()).hasSize(1 << 20);
  }

  @Test
  void refusesWhatIsNoTarStream() {
    byte[] noise = new byte[1024];
    Arrays.fill(noise, (byte) 'x');
    engine.containing("/etc/passwd", noise);
    assertThatThrownBy(() -> of("sha256:a")).isInstanceOf(IOException.class);
  }
}
