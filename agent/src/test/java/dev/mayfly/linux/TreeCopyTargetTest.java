package dev.mayfly.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.Condition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of what the target has already, whoever put it there. */
final class TreeCopyTargetTest {
  private static final TreeCopy.Limits AMPLE = new TreeCopy.Limits(1 << 20, 1000, 16);

  private final Path source;
  private final Path target;
  private final Path outside;
  private final Ownership me;

  TreeCopyTargetTest(@TempDir Path directory) throws IOException {
    source = Files.createDirectory(directory.resolve("source"));
    target = Files.createDirectory(directory.resolve("target"));
    outside = Files.createDirectory(directory.resolve("outside"));
    me = Ownership.of(directory);
  }

  @BeforeEach
  void placeCanary() throws IOException {
    Files.writeString(outside.resolve("canary"), "untouched");
  }

  private TreeCopy.Result into() throws IOException {
    return TreeCopy.into(source, target, me, AMPLE);
  }

  private static Object mode(Path file) throws IOException {
    return (Integer) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void writesToNothingThatALinkInTheTargetLeadsTo() throws IOException {
    Files.writeString(source.resolve("file"), "new");
    Files.writeString(Files.createDirectory(source.resolve("directory")).resolve("canary"), "new");
    Files.createSymbolicLink(source.resolve("link"), Path.of("new"));
    for (String name : List.of("file", "link")) {
      Files.createSymbolicLink(target.resolve(name), outside.resolve("canary"));
    }
    Files.createSymbolicLink(target.resolve("directory"), outside);

    into();

    assertThat(outside.resolve("canary")).hasContent("untouched");
    assertThat(names(outside)).containsExactly("canary");
    assertThat(target.resolve("file")).hasContent("new").isRegularFile();
    assertThat(target.resolve("directory/canary")).hasContent("new");
    assertThat(target.resolve("directory")).isDirectory().doesNotHave(link());
    assertThat(Files.readSymbolicLink(target.resolve("link"))).hasToString("new");
  }

  private static Condition<Path> link() {
    return new Condition<>(Files::isSymbolicLink, "a link");
  }

  @Test
  void replacesFilesByWhateverHasTheirName() throws IOException {
    Files.writeString(source.resolve("file"), "new");
    Files.writeString(Files.createDirectory(source.resolve("directory")).resolve("file"), "new");
    Files.createLink(target.resolve("file"), outside.resolve("canary"));
    Files.writeString(target.resolve("directory"), "old");

    into();

    assertThat(target.resolve("file")).hasContent("new");
    assertThat(target.resolve("directory/file")).hasContent("new");
    assertThat(outside.resolve("canary")).hasContent("untouched");
  }

  @Test
  void leavesADirectoryInTheWayOfAFileAndSaysWhatToDo() throws IOException {
    Files.writeString(Files.createDirectory(source.resolve("a")).resolve("name"), "new");
    Files.createDirectories(target.resolve("a/name"));

    assertThatThrownBy(this::into)
        .isInstanceOf(SyscallException.class)
        .hasMessage(
            "unlinkat "
                + target
                + "/a/name: Is a directory (errno 21);"
                + " remove the directory that is there, or copy to an empty one");
  }

  @Test
  void addsToADirectoryThatIsThereAndLeavesItsPermissions() throws IOException {
    Files.writeString(Files.createDirectory(source.resolve("both")).resolve("new"), "new");
    Files.setAttribute(source.resolve("both"), "unix:mode", 0777);
    Files.writeString(Files.createDirectory(target.resolve("both")).resolve("old"), "old");
    Files.setAttribute(target.resolve("both"), "unix:mode", 0700);

    into();

    assertThat(names(target.resolve("both"))).containsExactly("new", "old");
    assertThat(mode(target.resolve("both"))).isEqualTo(0700);
  }

  @Test
  void addsNothingToADirectoryThatBelongsToSomebodyElse() throws IOException {
    Files.writeString(Files.createDirectory(source.resolve("both")).resolve("new"), "new");
    Files.createDirectory(target.resolve("both"));

    assertThatThrownBy(
            () -> TreeCopy.into(source, target, new Ownership(me.uid() + 1, me.gid()), AMPLE))
        .hasMessageContaining(
            "/both: this directory is of uid " + me.uid() + ", not of uid " + (me.uid() + 1));

    assertThat(names(target.resolve("both"))).isEmpty();
  }

  @Test
  void leavesOutTheTargetWhereItIsInTheSource() throws IOException {
    Files.writeString(source.resolve("file"), "text");
    Path inside = Files.createDirectory(source.resolve("copy"));

    TreeCopy.Result result = TreeCopy.into(source, inside, me, AMPLE);

    assertThat(result.leftOut()).containsExactly("/copy: it is where the copy goes");
    assertThat(names(inside)).containsExactly("file");
  }

  @Test
  void takesTheTargetsOwnerFromTheDirectoryThatALinkToItNames() throws IOException {
    Files.writeString(source.resolve("file"), "text");
    Path link = Files.createSymbolicLink(outside.resolve("link"), target);

    TreeCopy.outOf(source, link, AMPLE);

    assertThat(target.resolve("file")).hasBinaryContent("text".getBytes(UTF_8));
    assertThat(Ownership.of(target.resolve("file"))).isEqualTo(Ownership.of(target));
  }
}
