package dev.mayfly.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How much is copied at most, and what copying itself takes. */
final class TreeCopyLimitsTest {
  private static final int DEEPEST = 256;

  /** What a JVM has open itself, and more. */
  private static final int SPARE_DESCRIPTORS = 150;

  private final Path source;
  private final Path target;
  private final Ownership me;

  TreeCopyLimitsTest(@TempDir Path directory) throws IOException {
    source = Files.createDirectory(directory.resolve("source"));
    target = Files.createDirectory(directory.resolve("target"));
    me = Ownership.of(directory);
  }

  private TreeCopy.Result copy(long bytes, long entries) throws IOException {
    return TreeCopy.into(source, target, me, new TreeCopy.Limits(bytes, entries, DEEPEST));
  }

  @Test
  void copiesAsManyBytesAsAllowedAndNotOneMore() throws IOException {
    Files.writeString(source.resolve("one"), "12345");
    Files.writeString(source.resolve("two"), "67890");

    assertThat(copy(10, 10).bytes()).isEqualTo(10);

    assertThatThrownBy(() -> copy(9, 10))
        .isInstanceOf(TreeTooLargeException.class)
        .hasMessageMatching(
            source
                + "/(one|two): with it the tree has more than 9 bytes;"
                + " copy less, or raise limits.disk in the policy");
  }

  @Test
  void copiesAsManyEntriesAsAllowedAndNotOneMore() throws IOException {
    Files.createFile(source.resolve("first"));
    Files.createDirectory(source.resolve("directory"));
    // More names than one piece of the listing holds, of one inode.
    for (int i = 0; i < 1498; i++) {
      Files.createLink(source.resolve("directory/link" + i), source.resolve("first"));
    }

    assertThat(copy(0, 1500).entries()).isEqualTo(1500);

    assertThatThrownBy(() -> copy(0, 1499))
        .isInstanceOf(TreeTooLargeException.class)
        .hasMessageContaining("more than 1499 files and directories;")
        .hasMessageContaining("limits.inodes");
  }

  @Test
  void countsTheHolesOfASparseFile() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(source.resolve("holes").toFile(), "rw")) {
      file.setLength(1L << 20);
      assertThat(copy(1L << 20, 10).bytes()).isEqualTo(1L << 20);
      file.setLength(1L << 26);
    }

    assertThatThrownBy(() -> copy(1L << 25, 10))
        .isInstanceOf(TreeTooLargeException.class)
        .hasMessageContaining("/holes: ");
    assertThat(target.resolve("holes")).hasSize(1L << 20);
  }

  @Test
  void copiesOfAFileThatGrowsWhatItHadWhenItWasLookedAt() throws IOException {
    // Their size is told as 0, and what is read from them has no end that the size tells.
    Path growing = Path.of("/proc/sys/kernel/random");
    assertThat(Files.readString(growing.resolve("boot_id"))).isNotEmpty();

    TreeCopy.into(growing, target, me, new TreeCopy.Limits(1000, 100, 2));

    assertThat(target.resolve("boot_id")).isEmptyFile();
  }

  @Test
  void copiesOfAFileThatShrinksWhatItStillHas() throws IOException {
    // Their size is told as a page, and they have a few digits.
    Path shrinking = Path.of("/sys/class/net/lo/statistics");
    assertThat(shrinking.resolve("collisions")).hasSize(4096);

    TreeCopy.into(shrinking, target, me, new TreeCopy.Limits(1 << 20, 100, 2));

    assertThat(target.resolve("collisions")).hasContent("0").hasSize(2);
  }

  @Test
  void copiesAsDeepAsAllowedWithTwoDescriptorsForEachLevelAndNotDeeper() throws Exception {
    Path deep = source;
    for (int depth = 1; depth < DEEPEST; depth++) {
      deep = Files.createDirectory(deep.resolve("d"));
    }
    Files.writeString(deep.resolve("file"), "text");

    assertThat(copyWithDescriptors(2 * DEEPEST + SPARE_DESCRIPTORS))
        .isEqualTo("copied " + DEEPEST + "\n");
    assertThat(target.resolve(source.relativize(deep)).resolve("file")).hasContent("text");

    Files.createDirectory(deep.resolve("d"));
    assertThatThrownBy(() -> copy(1000, 1000))
        .isInstanceOf(TreeTooLargeException.class)
        .hasMessageEndingWith(
            "with it the tree has more than 256 directories in each other; copy a flatter one");
  }

  @Test
  void saysWhatToDoWhereDescriptorsRunOut() throws Exception {
    Path deep = source;
    for (int depth = 1; depth < DEEPEST; depth++) {
      deep = Files.createDirectory(deep.resolve("d"));
    }

    assertThat(copyWithDescriptors(DEEPEST))
        .contains("Too many open files (errno 24); raise the limit on open files");
  }

  /** In a process of its own. */
  private String copyWithDescriptors(int limit) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                "sh",
                "-c",
                "ulimit -n " + limit + " && exec \"$@\"",
                "sh",
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                DeepCopy.class.getName(),
                source.toString(),
                target.toString())
            .redirectErrorStream(true)
            .start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return said;
  }

  /** Copies one directory to another, and tells how many entries. */
  static final class DeepCopy {
    private DeepCopy() {}

    public static void main(String[] args) {
      try {
        Path target = Path.of(args[1]);
        TreeCopy.Result result =
            TreeCopy.into(
                Path.of(args[0]),
                target,
                Ownership.of(target),
                new TreeCopy.Limits(1000, 1000, DEEPEST));
        System.out.println("copied " + result.entries());
      } catch (IOException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  @Test
  void closesEverythingItOpenedWhateverHappens() throws IOException {
    Files.writeString(Files.createDirectories(source.resolve("a/b")).resolve("file"), "text");
    Files.createSymbolicLink(source.resolve("a/link"), Path.of("b"));
    copy(100, 100);
    List<String> before = descriptors();

    copy(100, 100);
    assertThatThrownBy(() -> copy(3, 100)).isInstanceOf(TreeTooLargeException.class);
    assertThatThrownBy(() -> copy(100, 3)).isInstanceOf(TreeTooLargeException.class);
    Files.delete(target.resolve("a/b/file"));
    Files.createDirectory(target.resolve("a/b/file"));
    assertThatThrownBy(() -> copy(100, 100)).isInstanceOf(SyscallException.class);

    assertThat(descriptors()).isEqualTo(before);
  }

  /** Of this process, those below the test's directory. */
  private List<String> descriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.map(TreeCopyLimitsTest::meaning)
          .filter(path -> path.startsWith(source.resolveSibling("").toString()))
          .toList();
    }
  }

  private static String meaning(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return "closed";
    }
  }

  @Test
  void stopsWhereItsThreadIsInterrupted() throws IOException {
    Files.writeString(source.resolve("file"), "text");
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> copy(100, 100)).isInstanceOf(InterruptedIOException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }

    assertThat(copy(100, 100).entries()).isEqualTo(1);
  }
}
