package dev.mayfly.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody changes a tree all the time while it is copied. */
final class TreeCopyRaceTest {
  private static final int COPIES = 1500;
  private static final int MOST_COPIES = 100_000;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  private final Path directory;
  private final Path source;
  private final Path target;
  private final Path outside;

  TreeCopyRaceTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    source = Files.createDirectory(directory.resolve("source"));
    target = Files.createDirectory(directory.resolve("target"));
    outside = Files.createDirectory(directory.resolve("outside"));
  }

  @BeforeEach
  void placeCanary() throws IOException {
    Files.writeString(outside.resolve("canary"), "untouched");
  }

  /** What came of one copy. */
  private enum Seen {
    ORDINARY,
    OTHER,
    NOTHING
  }

  private interface Look {
    Seen copy() throws IOException;
  }

  /**
   * Copies until both faces of what is swapped were seen often enough to say that neither was
   * mistaken for the other.
   */
  private static void race(Repeated.Change swap, Look look) throws Exception {
    int ordinary = 0;
    int other = 0;
    try (Repeated _ = new Repeated(swap)) {
      for (int i = 0; i < COPIES || ordinary == 0 || other == 0; i++) {
        assertThat(i)
            .as("copies; ordinary seen %d, other seen %d", ordinary, other)
            .isLessThan(MOST_COPIES);
        switch (look.copy()) {
          case ORDINARY -> ordinary++;
          case OTHER -> other++;
          case NOTHING -> {}
        }
      }
    }
  }

  private static void onItsOwnThread(Runnable task) {
    Thread.ofPlatform().daemon().start(task);
  }

  private TreeCopy.Result copy() throws IOException {
    return TreeCopy.outOf(source, target, new TreeCopy.Limits(1 << 20, 1000, 16));
  }

  @Test
  void neverCopiesFromOutsideWhileADirectoryBecomesALink() throws Exception {
    Path ordinary = Files.createDirectory(directory.resolve("ordinary"));
    Files.writeString(ordinary.resolve("own"), "own");
    Path link = Files.createSymbolicLink(directory.resolve("link"), outside);

    race(
        Repeated.swap(source.resolve("name"), ordinary, link),
        () -> {
          TreeCopy.Result result = copy();
          assertThat(target.resolve("name/canary")).doesNotExist();
          if (Files.deleteIfExists(target.resolve("name/own"))) {
            return Seen.ORDINARY;
          }
          return sees(result, "it is a link to");
        });

    assertThat(outside).isDirectoryContaining("glob:**/canary");
  }

  private static Seen sees(TreeCopy.Result result, String leftOut) {
    return result.leftOut().stream().anyMatch(line -> line.contains(leftOut))
        ? Seen.OTHER
        : Seen.NOTHING;
  }

  @Test
  void neverCopiesFromOutsideWhileAFileBecomesALink() throws Exception {
    Path ordinary = Files.writeString(directory.resolve("ordinary"), "own");
    Path link = Files.createSymbolicLink(directory.resolve("link"), outside.resolve("canary"));

    race(
        Repeated.swap(source.resolve("name"), ordinary, link),
        () -> {
          TreeCopy.Result result = copy();
          Path copied = target.resolve("name");
          if (Files.exists(copied)) {
            assertThat(copied).hasContent("own");
            Files.delete(copied);
            return Seen.ORDINARY;
          }
          return sees(result, "it is a link to");
        });
  }

  @Test
  void neverWaitsForTheOtherEndWhileAFileBecomesAPipe() throws Exception {
    Path ordinary = Files.writeString(directory.resolve("ordinary"), "own");
    Path pipe = directory.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start().waitFor())
        .isZero();
    CompletableFuture<Void> race =
        CompletableFuture.runAsync(
            () -> {
              try {
                race(Repeated.swap(source.resolve("name"), ordinary, pipe), this::lookForPipe);
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            },
            TreeCopyRaceTest::onItsOwnThread);

    race.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
  }

  private Seen lookForPipe() throws IOException {
    TreeCopy.Result result = copy();
    return Files.deleteIfExists(target.resolve("name"))
        ? Seen.ORDINARY
        : sees(result, "it is a device, pipe or socket");
  }

  @Test
  void neverWritesOutsideWhileTheTargetsDirectoryBecomesALink() throws Exception {
    Files.writeString(Files.createDirectory(source.resolve("name")).resolve("own"), "own");
    Path name = target.resolve("name");
    Path away = directory.resolve("away");
    Repeated.Change plant =
        () -> {
          ignoringRaces(() -> Files.move(name, away, StandardCopyOption.REPLACE_EXISTING));
          ignoringRaces(() -> Files.createSymbolicLink(name, outside));
          ignoringRaces(() -> Files.deleteIfExists(away.resolve("own")));
          ignoringRaces(() -> Files.deleteIfExists(away));
        };

    race(
        plant,
        () -> {
          Optional<IOException> refusal = refusal();
          assertThat(outside.resolve("own")).doesNotExist();
          refusal.ifPresent(e -> assertThat(e).hasMessageContaining("; "));
          return refusal.isPresent() ? Seen.OTHER : Seen.ORDINARY;
        });

    assertThat(outside.resolve("canary")).hasContent("untouched");
  }

  @Test
  void neverTakesForItsOwnWhatIsPutInThePlaceOfADirectoryItMade() throws Exception {
    Path planted = Files.createDirectory(directory.resolve("planted"));
    Files.writeString(planted.resolve("canary"), "untouched");
    Path name = target.resolve("name");

    race(
        () -> {
          Files.move(planted, name, StandardCopyOption.ATOMIC_MOVE);
          Files.move(name, planted, StandardCopyOption.ATOMIC_MOVE);
        },
        () -> {
          Seen seen = makeDirectory(name);
          ignoringRaces(() -> Files.deleteIfExists(name));
          return seen;
        });
  }

  private Seen makeDirectory(Path name) throws IOException {
    byte[] last = name.getFileName().toString().getBytes(StandardCharsets.UTF_8);
    try (BeneathDirectory top = BeneathDirectory.open(target, TreePlace.Side.TARGET)) {
      BeneathDirectory.Made made = top.makeDirectory(last, Ownership.of(target));
      try (BeneathDirectory opened = made.directory()) {
        opened.eachName(_ -> assertThat(made.fresh()).isFalse());
        return made.fresh() ? Seen.ORDINARY : Seen.NOTHING;
      }
    } catch (SyscallException e) {
      return e.errno() == Errno.ENOTEMPTY ? Seen.OTHER : Seen.NOTHING;
    }
  }

  private Optional<IOException> refusal() {
    try {
      copy();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e);
    }
  }

  /** The copy takes the name at the same time. */
  private static void ignoringRaces(Repeated.Change change) {
    try {
      change.run();
    } catch (IOException e) {
      assertThat(e).isInstanceOf(FileSystemException.class);
    }
  }
}
