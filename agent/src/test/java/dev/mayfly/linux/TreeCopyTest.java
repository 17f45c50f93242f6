package dev.mayfly.linux;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.Condition;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is copied and what is not, from a tree that may hold anything to one that may too. */
final class TreeCopyTest {
  private static final TreeCopy.Limits AMPLE = new TreeCopy.Limits(1 << 20, 1000, 16);

  private final Path source;
  private final Path target;
  private final Path outside;
  private final Ownership me;

  TreeCopyTest(@TempDir Path directory) throws IOException {
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

  private TreeCopy.Result outOf() throws IOException {
    return TreeCopy.outOf(source, target, AMPLE);
  }

  private static Object mode(Path file) throws IOException {
    return (Integer) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
  }

  private static void run(Path directory, String script) throws Exception {
    Process shell =
        new ProcessBuilder("sh", "-ec", script).directory(directory.toFile()).inheritIO().start();
    assertThat(shell.waitFor()).as(script).isZero();
  }

  @Test
  void copiesContentsPermissionsTimesAndOwner() throws IOException {
    Instant then = Instant.parse("2001-02-03T04:05:06.789012345Z");
    Path directory = Files.createDirectories(source.resolve("a/b"));
    Path file = Files.writeString(directory.resolve("file"), "text");
    Files.setAttribute(file, "unix:mode", 0640);
    Files.setAttribute(directory, "unix:mode", 0710);
    Files.setLastModifiedTime(file, FileTime.from(then));
    Files.setLastModifiedTime(directory, FileTime.from(then));

    TreeCopy.Result result = into();

    assertThat(target.resolve("a/b/file")).hasContent("text");
    assertThat(mode(target.resolve("a/b/file"))).isEqualTo(0640);
    assertThat(mode(target.resolve("a/b"))).isEqualTo(0710);
    assertThat(Files.getLastModifiedTime(target.resolve("a/b/file")).toInstant()).isEqualTo(then);
    assertThat(Files.getLastModifiedTime(target.resolve("a/b")).toInstant()).isEqualTo(then);
    assertThat(Ownership.of(target.resolve("a/b/file"))).isEqualTo(me);
    assertThat(Ownership.of(target.resolve("a/b"))).isEqualTo(me);
    assertThat(result).isEqualTo(new TreeCopy.Result(3, 4, List.of()));
  }

  @Test
  void copiesFilesThatNobodyMayReadOnceTheyAreCopied() throws IOException {
    Path file = Files.writeString(source.resolve("file"), "text");
    Files.setAttribute(file, "unix:mode", 0400);
    Files.createDirectory(source.resolve("directory"));
    Files.writeString(source.resolve("directory/file"), "text");
    Files.setAttribute(source.resolve("directory"), "unix:mode", 0500);

    into();

    assertThat(target.resolve("directory/file")).hasContent("text");
    assertThat(mode(target.resolve("directory"))).isEqualTo(0500);
    assertThat(mode(target.resolve("file"))).isEqualTo(0400);
  }

  @Test
  void copiesNamesThatAreNoText() throws Exception {
    run(source, "printf x > \"$(printf 'a\\377 \\nb')\"");

    TreeCopy.Result result = into();

    List<byte[]> names = new ArrayList<>();
    try (BeneathDirectory copy = BeneathDirectory.open(target, TreePlace.Side.TARGET)) {
      copy.eachName(names::add);
    }
    assertThat(names).containsExactly(new byte[] {'a', (byte) 0xff, ' ', '\n', 'b'});
    assertThat(result.leftOut()).isEmpty();
  }

  @Test
  void dropsSetuidSetgidAndStickyWhileTheOtherBitsStay() throws IOException {
    Files.setAttribute(Files.createFile(source.resolve("setuid")), "unix:mode", 04755);
    Files.setAttribute(Files.createFile(source.resolve("setgid")), "unix:mode", 02750);
    Files.setAttribute(Files.createDirectory(source.resolve("sticky")), "unix:mode", 03777);
    assertThat(mode(source.resolve("setuid"))).isEqualTo(04755);

    into();

    assertThat(mode(target.resolve("setuid"))).isEqualTo(0755);
    assertThat(mode(target.resolve("setgid"))).isEqualTo(0750);
    assertThat(mode(target.resolve("sticky"))).isEqualTo(0777);
  }

  @Test
  void leavesOutPipesSocketsAndDevicesAndSaysSo() throws Exception {
    // Everybody may make a device of the number 0, 0: mknod(2), whiteout.
    run(source, "mkfifo pipe; mknod device c 0 0; echo ordinary > file");
    try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      socket.bind(UnixDomainSocketAddress.of(source.resolve("socket")));

      TreeCopy.Result result = into();

      assertThat(result.leftOut())
          .containsExactlyInAnyOrder(
              "/pipe: it is a device, pipe or socket",
              "/device: it is a device, pipe or socket",
              "/socket: it is a device, pipe or socket");
    }
    assertThat(target).isDirectoryContaining("glob:**/file");
    assertThat(names(target)).containsExactly("file");
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void makesHardLinksFilesOfTheirOwn() throws IOException {
    Files.writeString(source.resolve("one"), "text");
    Files.createLink(source.resolve("two"), source.resolve("one"));

    into();
    Files.writeString(target.resolve("one"), "changed");

    assertThat(target.resolve("two")).hasContent("text");
    assertThat(source.resolve("one")).hasContent("text");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/etc/passwd", "../../outside", "file", "missing"})
  void keepsLinksAsTheyAreGoingIn(String text) throws IOException {
    Files.createSymbolicLink(source.resolve("link"), Path.of(text));

    assertThat(into().leftOut()).isEmpty();

    assertThat(Files.readSymbolicLink(target.resolve("link"))).hasToString(text);
    assertThat(Ownership.of(target.resolve("link"))).isEqualTo(me);
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "./file", "../file", "..", "../other/x", "below/file", ".."})
  void keepsLinksThatStayInsideGoingOut(String text) throws IOException {
    Files.createDirectory(source.resolve("directory"));
    Files.createSymbolicLink(source.resolve("directory/link"), Path.of(text));

    assertThat(outOf().leftOut()).isEmpty();

    assertThat(Files.readSymbolicLink(target.resolve("directory/link"))).hasToString(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/etc/shadow", "../..", "../../x", "below/../../../x", "below/..", ".././.."})
  void leavesOutLinksThatCanLeadOutsideGoingOutAndSaysSo(String text) throws IOException {
    Files.createDirectory(source.resolve("directory"));
    Files.createSymbolicLink(source.resolve("directory/link"), Path.of(text));

    assertThat(outOf().leftOut())
        .containsExactly("/directory/link: it is a link to " + text + ", outside of the tree");

    assertThat(names(target.resolve("directory"))).isEmpty();
  }

  @Test
  void tellsAHundredNamesAndTheNumberOfTheOthers() throws IOException {
    for (int i = 0; i < 103; i++) {
      Files.createSymbolicLink(source.resolve("link" + i), Path.of("/none"));
    }

    assertThat(outOf().leftOut()).hasSize(101).endsWith("and 3 more");
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

  @Test
  void namesWhatCannotBeReadWithItsPathAndWhatToDo() throws IOException {
    // Write-only attributes of sysfs are closed to root too.
    Path drivers;
    try (Stream<Path> buses = Files.list(Path.of("/sys/bus"))) {
      drivers =
          buses
              .map(bus -> bus.resolve("drivers"))
              .filter(TreeCopyTest::hasEntries)
              .findFirst()
              .orElseThrow();
    }

    assertThatThrownBy(() -> TreeCopy.into(drivers, target, me, AMPLE))
        .isInstanceOf(SyscallException.class)
        .hasMessageMatching(
            "open "
                + drivers
                + "/[^/]+/(bind|unbind|uevent): Permission denied \\(errno 13\\);"
                + " let the user that Mayfly runs as read it, or take it out of the tree");
  }

  private static boolean hasEntries(Path directory) {
    try {
      return !names(directory).isEmpty();
    } catch (IOException e) {
      return false;
    }
  }

  @Test
  void namesWhatCannotBeWrittenWithItsPathAndWhatToDo() throws IOException {
    Files.createDirectory(source.resolve("directory"));

    assertThatThrownBy(() -> TreeCopy.into(source, Path.of("/proc"), me, AMPLE))
        .isInstanceOf(SyscallException.class)
        .hasMessageStartingWith("mkdirat /proc/directory: ")
        .hasMessageContaining("; ");
    assertThatThrownBy(() -> TreeCopy.into(source, outside.resolve("none"), me, AMPLE))
        .hasMessageStartingWith("open " + outside + "/none: No such file or directory");
  }
}
