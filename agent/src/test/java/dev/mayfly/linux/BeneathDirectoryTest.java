package dev.mayfly.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a name can reach from a directory, and what it can't. */
final class BeneathDirectoryTest {
  private final Path top;
  private final BeneathDirectory directory;

  BeneathDirectoryTest(@TempDir Path temporary) throws IOException {
    Files.writeString(temporary.resolve("outside"), "outside");
    top = Files.createDirectory(temporary.resolve("top"));
    Files.writeString(Files.createDirectory(top.resolve("inside")).resolve("file"), "text");
    Files.createSymbolicLink(top.resolve("link"), Path.of("inside"));
    Files.createSymbolicLink(top.resolve("out"), Path.of("../outside"));
    directory = BeneathDirectory.open(top, TreePlace.Side.SOURCE);
  }

  @AfterEach
  void close() {
    directory.close();
  }

  private TreeNode.Kind kind(String name) throws IOException {
    try (TreeNode node = directory.hold(name.getBytes(UTF_8)).orElseThrow()) {
      return node.facts().kind();
    }
  }

  @Test
  void tellsWhatIsThere() throws IOException {
    assertThat(kind("inside")).isEqualTo(TreeNode.Kind.DIRECTORY);
    assertThat(kind("inside/file")).isEqualTo(TreeNode.Kind.FILE);
    assertThat(kind("link")).isEqualTo(TreeNode.Kind.LINK);
    assertThat(directory.hold("missing".getBytes(UTF_8))).isEqualTo(Optional.empty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"../outside", "inside/../../outside", "/etc/passwd"})
  void reachesNothingOutside(String name) throws IOException {
    assertThat(directory.hold(name.getBytes(UTF_8))).isEqualTo(Optional.empty());
  }

  @ParameterizedTest
  @ValueSource(strings = {"../new", "inside/../../new"})
  void createsNothingOutside(String name) throws IOException {
    directory.create("inside/new".getBytes(UTF_8)).close();

    assertThatThrownBy(() -> directory.create(name.getBytes(UTF_8)))
        .isInstanceOfSatisfying(
            SyscallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EXDEV));
  }

  @Test
  void entersMounts() throws IOException {
    try (BeneathDirectory root = BeneathDirectory.open(Path.of("/"), TreePlace.Side.SOURCE);
        TreeNode mounted = root.hold("proc/version".getBytes(UTF_8)).orElseThrow()) {
      assertThat(mounted.facts().kind()).isEqualTo(TreeNode.Kind.FILE);
    }
  }

  @Test
  void followsNoLinkNotEvenInside() {
    assertThatThrownBy(() -> kind("link/file"))
        .isInstanceOfSatisfying(
            SyscallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ELOOP));
  }

  @Test
  void followsNoLinkOfProc() throws IOException {
    try (BeneathDirectory self =
            BeneathDirectory.open(Path.of("/proc/self"), TreePlace.Side.SOURCE);
        TreeNode control = self.hold("status".getBytes(UTF_8)).orElseThrow()) {
      assertThat(control.facts().kind()).isEqualTo(TreeNode.Kind.FILE);
      assertThatThrownBy(() -> self.hold("root/etc".getBytes(UTF_8)))
          .isInstanceOfSatisfying(
              SyscallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ELOOP));
    }
  }

  @Test
  void holdsWhatItSawWhileItsNameMeansSomethingElse() throws IOException {
    try (TreeNode held = directory.hold("inside".getBytes(UTF_8)).orElseThrow()) {
      Files.move(top.resolve("inside"), top.resolve("moved"));
      Files.createSymbolicLink(top.resolve("inside"), Path.of("/etc"));

      try (BeneathDirectory opened = BeneathDirectory.of(held)) {
        opened.eachName(name -> assertThat(new String(name, UTF_8)).isEqualTo("file"));
      }
    }
  }

  @Test
  void createsNoFileThroughALink() {
    assertThatThrownBy(() -> directory.create("out".getBytes(UTF_8)))
        .isInstanceOfSatisfying(
            SyscallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST));

    assertThat(top.resolveSibling("outside")).hasContent("outside");
  }

  @Test
  void createsFilesForNobodyElse() throws IOException {
    directory.create("new".getBytes(UTF_8)).close();

    assertThat(Files.getAttribute(top.resolve("new"), "unix:mode")).isEqualTo(0100600);
  }

  @Test
  void keepsALongHostileNameFromFillingAMessage() {
    String name = "n".repeat(90) + "\u001b[31m\n" + "m".repeat(90);

    TreePlace place =
        new TreePlace(TreePlace.Side.SOURCE, null, "/top".getBytes(UTF_8))
            .entry(name.getBytes(UTF_8))
            .entry("file".getBytes(UTF_8));

    assertThat(place.toString())
        .startsWith("/top/nnnn")
        .contains("…")
        .endsWith("mmmm/file")
        .hasSizeLessThan(140)
        .matches("[ -~…]*");
    assertThat(TreePlace.shown("a\u001b\\ü".getBytes(UTF_8))).isEqualTo("a\\x1b\\x5c\\xc3\\xbc");
  }
}
