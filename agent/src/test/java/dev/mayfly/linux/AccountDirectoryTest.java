package dev.mayfly.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an account does in its directory harms nobody else, at whatever moment it does it. */
@Timeout(120)
final class AccountDirectoryTest {
  private static final int ROUNDS = 2000;
  private static final int MOST_ROUNDS = 200_000;

  private final Path outside;
  private final Path canary;
  private final Path path;
  private final AccountDirectory directory;

  AccountDirectoryTest(@TempDir Path temporary) throws IOException {
    outside = Files.createDirectory(temporary.resolve("outside"));
    canary = Files.writeString(outside.resolve("canary"), "untouched");
    path = Files.createDirectory(temporary.resolve("run")).resolve("gl");
    directory = new AccountDirectory(path, SampleAccount.own());
  }

  private void make() throws IOException {
    directory.make(List.of("tmp"), Map.of("config", "text", "empty", ""));
  }

  @Test
  void isMadeForTheAccountAlone() throws IOException {
    make();

    assertThat(path.resolve("config")).hasContent("text");
    assertThat(path.resolve("empty")).isEmptyFile();
    assertThat(Files.getAttribute(path, "unix:mode")).isEqualTo(0040700);
    assertThat(Files.getAttribute(path.resolve("tmp"), "unix:mode")).isEqualTo(0040700);
    assertThat(Files.getAttribute(path.resolve("config"), "unix:mode")).isEqualTo(0100600);
    assertThat(directory.read("config")).contains("text");
    assertThat(directory.read("empty")).contains("");
  }

  @Test
  void isNotMadeWhereSomethingIs() throws IOException {
    Files.createSymbolicLink(path, outside);

    assertThatThrownBy(this::make)
        .isInstanceOfSatisfying(
            SyscallException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EEXIST))
        .hasMessageContaining("look who else uses it, and remove it by hand");

    assertThat(outside).isDirectoryContaining(canary::equals);
    assertThat(outside.resolve("config")).doesNotExist();
  }

  @Test
  void hasNothingToReadWhereThereIsNothing() throws IOException {
    assertThat(directory.read("config")).isEmpty();
    make();
    assertThat(directory.read("other")).isEmpty();
    Files.delete(path.resolve("config"));
    assertThat(directory.read("config")).isEmpty();
  }

  @Test
  void readsNoFileThatALinkLeadsTo() throws IOException {
    make();
    Files.createSymbolicLink(path.resolve("id"), canary);

    assertThatThrownBy(() -> directory.read("id"))
        .isInstanceOf(IOException.class)
        .hasMessage(
            path
                + "/id is no file of user tester's own, so it is not read: look what that user runs");
  }

  /** As a hard link to it would be. */
  @Test
  void readsNoFileOfSomebodyElse() throws IOException {
    make();
    Account own = SampleAccount.own();
    AccountDirectory others =
        new AccountDirectory(path, new Account("other", own.uid() + 1, own.gid()));

    assertThatThrownBy(() -> others.read("config"))
        .hasMessageContaining("is no file of user other's own");
  }

  @Test
  void waitsForNobodyToWriteToAPipe() throws IOException {
    make();
    fifo(path.resolve("id"));

    assertThatThrownBy(() -> directory.read("id")).hasMessageContaining("is no file of user");
    assertThatThrownBy(() -> directory.read("tmp")).hasMessageContaining("is no file of user");
  }

  private static void fifo(Path place) throws IOException {
    try {
      LibC.mkfifo(place.toString(), 0600);
    } catch (LastErrorException e) {
      throw new SyscallException("mkfifo", place, e.getErrorCode());
    }
  }

  @Test
  void readsNoMoreThanFitsInto() throws IOException {
    make();
    Files.writeString(path.resolve("config"), "x".repeat(AccountDirectory.MOST_BYTES));
    assertThat(directory.read("config").orElseThrow()).hasSize(AccountDirectory.MOST_BYTES);

    Files.writeString(path.resolve("config"), "x".repeat(AccountDirectory.MOST_BYTES + 1));
    assertThatThrownBy(() -> directory.read("config"))
        .isInstanceOf(IOException.class)
        .hasMessage(
            path
                + "/config is larger than 65536 bytes, so it is not read: look what user tester runs");
    try (RandomAccessFile file = new RandomAccessFile(path.resolve("config").toFile(), "rw")) {
      file.setLength(1L << 33);
    }
    assertThatThrownBy(() -> directory.read("config")).hasMessageContaining("is larger than");
  }

  private interface Look {
    /** Whether it saw what the change swaps in. */
    boolean other() throws IOException;
  }

  /** Looks until both faces of what is swapped were seen. */
  private static void race(Repeated.Change swap, Look look) throws Exception {
    try (Repeated _ = new Repeated(swap)) {
      int others = 0;
      for (int i = 0; i < ROUNDS || others == 0 || others == i; i++) {
        assertThat(i).as("rounds, of which %d saw the other", others).isLessThan(MOST_ROUNDS);
        others += look.other() ? 1 : 0;
      }
    }
  }

  @Test
  void neverReadsThroughALinkThatIsSwappedIn() throws Exception {
    make();
    Path name = path.resolve("id");
    Path ordinary = Files.writeString(path.resolve("ordinary"), "own");
    Path link = Files.createSymbolicLink(path.resolve("link"), canary);

    race(
        Repeated.swap(name, ordinary, link),
        () -> {
          try {
            Optional<String> read = directory.read("id");
            assertThat(read.orElse("own")).isEqualTo("own");
            return false;
          } catch (IOException e) {
            return true;
          }
        });
  }

  @Test
  void isRemovedWithEverythingInIt() throws IOException {
    make();
    Path deep = path;
    for (int i = 0; i < 1200; i++) {
      deep = deep.resolve("d");
    }
    Files.createDirectories(deep);
    Files.writeString(deep.resolve("file"), "text");
    Files.createDirectories(path.resolve("tmp/a/b"));
    Files.createDirectories(path.resolve("tmp/a/c"));
    Files.createSymbolicLink(path.resolve("tmp/a/b/out"), outside);
    Files.createSymbolicLink(path.resolve("out"), outside);
    fifo(path.resolve("tmp/pipe"));

    directory.remove();

    assertThat(path).doesNotExist();
    assertThat(canary).hasContent("untouched");
    directory.remove();
    make();
  }

  @Test
  void removesALinkInItsPlaceAndNothingBehindIt() throws IOException {
    Files.createSymbolicLink(path, outside);

    directory.remove();

    assertThat(path).doesNotExist();
    assertThat(canary).hasContent("untouched");
  }

  /** A parent that becomes a link between a look and a deletion leads nowhere. */
  @Test
  void neverRemovesThroughALinkThatIsSwappedIn() throws Exception {
    Path name = path.resolve("inner");
    Path spare = outside.resolveSibling("spare");
    Path link = outside.resolveSibling("link");
    Path stage = outside.resolveSibling("stage");
    AtomicInteger swaps = new AtomicInteger();
    race(
        () -> {
          deleted(spare.resolve("canary"));
          deleted(spare);
          if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
            Files.createSymbolicLink(link, outside);
          }
          if (moved(name, spare) && moved(link, name)) {
            swaps.incrementAndGet();
            deleted(name);
          }
          moved(spare, name);
        },
        () -> {
          if (!Files.exists(path)) {
            Files.createDirectories(stage.resolve("inner"));
            Files.writeString(stage.resolve("inner/canary"), "own");
            Files.move(stage, path);
          }
          int before = swaps.get();
          removeWhereNobodyDisturbs();
          assertThat(canary).hasContent("untouched");
          return swaps.get() > before;
        });
  }

  private void removeWhereNobodyDisturbs() {
    try {
      directory.remove();
    } catch (IOException e) {
      assertThat(path).exists();
    }
  }

  private static void deleted(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      return; // There is something in it.
    }
  }

  private static boolean moved(Path from, Path to) {
    try {
      Files.move(from, to);
      return true;
    } catch (IOException e) {
      return false; // The other one was faster.
    }
  }

  @Test
  void givesUpWhereThereIsEverMoreToRemove() throws IOException {
    make();
    for (int i = 0; i < 10; i++) {
      Files.createDirectories(path.resolve("tmp/" + i));
    }
    try (BeneathDirectory top = BeneathDirectory.open(path, TreePlace.Side.ACCOUNT)) {
      assertThatThrownBy(() -> TreeRemoval.contents(top, 9))
          .isInstanceOf(IOException.class)
          .hasMessage(
              path
                  + " has more than 9 files, or gets ever more of them: look who writes to it, and"
                  + " remove it by hand");
    }
  }
}
