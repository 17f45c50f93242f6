package dev.mayfly.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** What somebody does to a tree over and over, on a thread of its own, until it is closed. */
final class Repeated implements AutoCloseable {
  private static final int LIMIT_SECONDS = 60;

  private final AtomicBoolean done = new AtomicBoolean();
  private final CompletableFuture<Void> running;

  /** One round of it. */
  interface Change {
    void run() throws IOException;
  }

  Repeated(Change change) {
    this.running =
        CompletableFuture.runAsync(
            () -> {
              try {
                while (!done.get()) {
                  change.run();
                }
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            },
            task -> Thread.ofPlatform().daemon().start(task));
  }

  /** Gives a name to two things by turns, with moments where it has neither. */
  static Change swap(Path name, Path ordinary, Path other) {
    return () -> {
      Files.move(ordinary, name);
      Files.move(name, ordinary);
      Files.move(other, name);
      Files.move(name, other);
    };
  }

  /** Waits for the end of the last round, and fails where one of them did. */
  @Override
  public void close() {
    done.set(true);
    running.orTimeout(LIMIT_SECONDS, TimeUnit.SECONDS).join();
  }
}
