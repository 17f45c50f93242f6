package dev.mayfly.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DirectoryLockTest {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final int CONTESTS = 3000;

  private final Path directory;

  DirectoryLockTest(@TempDir Path parent) {
    directory = parent.resolve("a/claim");
  }

  @Test
  void makesTheDirectoryForItsOwnerAlone() throws IOException {
    try (DirectoryLock lock = DirectoryLock.tryAcquire(directory).orElseThrow()) {
      assertThat(lock.directory()).isEqualTo(directory);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
          .isEqualTo("rwx------");
    }

    assertThat(directory).isDirectory();
  }

  @Test
  void isHadByOneUntilItIsClosed() throws IOException {
    try (DirectoryLock _ = DirectoryLock.tryAcquire(directory).orElseThrow()) {
      assertThat(DirectoryLock.tryAcquire(directory)).isEmpty();
      assertThat(DirectoryLock.isHeld(directory)).isTrue();
      try (DirectoryLock other =
          DirectoryLock.tryAcquire(directory.resolveSibling("other")).orElseThrow()) {
        assertThat(other.directory()).isDirectory();
      }
    }

    assertThat(DirectoryLock.isHeld(directory)).isFalse();
    DirectoryLock.tryAcquire(directory).orElseThrow().close();
  }

  @Test
  void isSharedByMany() throws IOException {
    try (DirectoryLock _ = DirectoryLock.share(directory);
        DirectoryLock _ = DirectoryLock.share(directory)) {
      assertThat(DirectoryLock.tryAcquire(directory)).isEmpty();
    }

    DirectoryLock.tryAcquire(directory).orElseThrow().close();
  }

  @Test
  void isSharedAnewOnceWhoeverHadItRemovedIt() throws Exception {
    try (ExecutorService other = Executors.newSingleThreadExecutor()) {
      Future<DirectoryLock> sharing;
      try (DirectoryLock _ = DirectoryLock.tryAcquire(directory).orElseThrow()) {
        sharing = other.submit(() -> DirectoryLock.share(directory));
        Files.delete(directory);
      }
      try (DirectoryLock _ = sharing.get(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        assertThat(directory).isDirectory();
        assertThat(DirectoryLock.tryAcquire(directory)).isEmpty();
      }
    }
  }

  @Test
  void isHeldByNobodyWhereThereIsNoDirectory() throws IOException {
    assertThat(DirectoryLock.isHeld(directory)).isFalse();
    assertThat(directory).doesNotExist();
  }

  @Test
  void looksWithoutHoldingItAgainstOthersWhoLook() throws IOException {
    Files.createDirectories(directory);
    try (FileDescriptorHandle looking =
        FileDescriptorHandle.open(directory, LibC.O_RDONLY | LibC.O_DIRECTORY)) {
      LibC.flock(looking.fd(), LibC.LOCK_SH | LibC.LOCK_NB);

      assertThat(DirectoryLock.isHeld(directory)).isFalse();
    }
  }

  @Test
  void endsWithTheProcessThatHasIt() throws Exception {
    Files.createDirectories(directory);
    Process holder =
        new ProcessBuilder("flock", "--exclusive", "--no-fork", directory.toString(), "cat")
            .start();
    try {
      Instant limit = Instant.now().plus(LIMIT);
      while (!DirectoryLock.isHeld(directory)) {
        assertThat(Instant.now()).isBefore(limit);
        Thread.onSpinWait();
      }
      assertThat(DirectoryLock.tryAcquire(directory)).isEmpty();
    } finally {
      holder.destroyForcibly().waitFor();
    }

    DirectoryLock.tryAcquire(directory).orElseThrow().close();
  }

  @Test
  void isOfWhatHasTheNameNowNotOfWhatHadIt() throws IOException {
    try (DirectoryLock _ = DirectoryLock.tryAcquire(directory).orElseThrow()) {
      Files.delete(directory);

      try (DirectoryLock anew = DirectoryLock.tryAcquire(directory).orElseThrow()) {
        assertThat(anew.directory()).isDirectory();
      }
    }
  }

  @Test
  void isHadByOneThoughTheDirectoryIsRemovedAndMadeAllTheTime() throws Exception {
    AtomicInteger holders = new AtomicInteger();
    AtomicInteger had = new AtomicInteger();
    Callable<Integer> contender =
        () -> {
          int most = 0;
          for (int i = 0; i < CONTESTS; i++) {
            Optional<DirectoryLock> acquired = DirectoryLock.tryAcquire(directory);
            if (acquired.isPresent()) {
              try (DirectoryLock lock = acquired.get()) {
                had.incrementAndGet();
                most = Math.max(most, holders.incrementAndGet());
                assertThat(lock.directory()).isDirectory();
                holders.decrementAndGet();
                Files.delete(lock.directory());
              }
            }
          }
          return most;
        };

    try (ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread::new)) {
      for (Future<Integer> most : threads.invokeAll(Collections.nCopies(3, contender))) {
        assertThat(most.get()).isLessThanOrEqualTo(1);
      }
    }
    assertThat(had).hasPositiveValue();
  }

  @Test
  void refusesWhereAFileOrALinkToNothingIsInTheWay() throws IOException {
    Path file = Files.createFile(Files.createDirectories(directory.getParent()).resolve("file"));
    Path link = Files.createSymbolicLink(directory.resolveSibling("link"), Path.of("nothing"));

    for (Path inTheWay : List.of(file, link)) {
      assertThatThrownBy(() -> DirectoryLock.tryAcquire(inTheWay)).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> DirectoryLock.tryAcquire(inTheWay.resolve("below")))
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void followsNoLink() throws IOException {
    Files.createDirectories(directory.resolveSibling("elsewhere"));
    Files.createSymbolicLink(directory, Path.of("elsewhere"));

    assertThatThrownBy(() -> DirectoryLock.tryAcquire(directory)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> DirectoryLock.isHeld(directory)).isInstanceOf(SyscallException.class);
  }
}
