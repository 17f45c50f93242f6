package dev.mayfly.linux;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.linux.Mounts.Mount;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MountsTest {
  private static List<Mount> parse(String mountinfo) {
    return Mounts.parse(mountinfo.getBytes(ISO_8859_1));
  }

  @Test
  void readsALine() {
    assertThat(parse("36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=go\n"))
        .containsExactly(
            new Mount(Path.of("/mnt2"), "/mnt1", "ext3", "/dev/root", Set.of("rw", "errors=go")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "shared:7 ", "shared:7 master:3 ", "shared:7 propagate_from:2 unbindable "})
  void readsAnyNumberOfOptionalFields(String optional) {
    assertThat(parse("1 2 0:3 / /target rw " + optional + "- tmpfs none rw\n"))
        .containsExactly(new Mount(Path.of("/target"), "/", "tmpfs", "none", Set.of("rw")));
  }

  @Test
  void undoesOctalEscapes() {
    assertThat(parse("1 2 0:3 /a\\040b /tab\\011nl\\012bs\\134x rw - fuse my\\040source rw\n"))
        .containsExactly(
            new Mount(Path.of("/tab\tnl\nbs\\x"), "/a b", "fuse", "my source", Set.of("rw")));
  }

  @Test
  void readsAnEmptySource() {
    assertThat(parse("1 2 0:3 / /target rw - tmpfs  rw\n"))
        .containsExactly(new Mount(Path.of("/target"), "/", "tmpfs", "", Set.of("rw")));
  }

  @Test
  void takesOneMountForOneThoughItsNameHoldsOtherLineEnds() {
    assertThat(parse("1 2 0:3 / /a\rb rw - tmpfs none rw\n1 2 0:3 / /c rw - tmpfs none rw\n"))
        .extracting(Mount::target)
        .containsExactly(Path.of("/a\rb"), Path.of("/c"));
  }

  @Test
  void keepsANameThatIsNoTextEscaped() {
    assertThat(parse("1 2 0:3 / /a\377\\040b rw - tmpfs none rw\n"))
        .extracting(Mount::target)
        .containsExactly(Path.of("/a\\377\\040b"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1 2 0:3 / /target rw tmpfs none rw",
        "1 2 0:3 / /target - tmpfs none rw",
        "1 2 0:3 / /target rw - tmpfs none",
        "nonsense"
      })
  void refusesWhatIsNoMountinfo(String line) {
    assertThatThrownBy(() -> parse(line))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("not a line of mountinfo: " + line);
  }

  @Test
  void readsThisHosts() throws IOException {
    assertThat(Mounts.list())
        .anySatisfy(
            mount -> {
              assertThat(mount.target()).hasToString("/proc");
              assertThat(mount.fileSystem()).isEqualTo("proc");
            });
  }

  @Test
  void saysWhatCouldNotBeMounted() {
    assertThatThrownBy(() -> Mounts.bind(Path.of("/none"), Path.of("/none")))
        .isInstanceOf(SyscallException.class)
        .hasMessageStartingWith("mount /none on /none: ");
  }
}
