package dev.mayfly.supervisor;

import dev.mayfly.linux.DirectoryLock;
import dev.mayfly.sandbox.SandboxId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What makes a running supervisor the owner of what it makes: an id, and the lock on the directory
 * of that name which the kernel gives up with the process. All supervisors of a host use one place,
 * whatever else their configurations say, so that none takes another's for a stray. In the
 * directory lies the supervisor's {@link Scope}.
 */
public final class SupervisorClaim implements AutoCloseable {
  /** Of Mayfly's own, as long as the host runs. */
  public static final Path RUN_DIRECTORY = Path.of("/run/mayfly");

  /** Gone after a reboot, as every supervisor then is. */
  public static final Path DIRECTORY = RUN_DIRECTORY.resolve("supervisors");

  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
  private static final int ID_LENGTH = 8;

  private final String id;
  private final DirectoryLock lock;
  private final AtomicInteger last = new AtomicInteger();
  private volatile boolean left;

  private SupervisorClaim(String id, DirectoryLock lock) {
    this.id = id;
    this.lock = lock;
  }

  /**
   * Makes a claim of an id that nobody else has. Waits for who takes the place of the claims away
   * (mayfly-engine down), which is done only while there is none of a live supervisor.
   */
  public static SupervisorClaim make(Scope scope) throws IOException {
    try (DirectoryLock _ = DirectoryLock.share(RUN_DIRECTORY)) {
      return makeUndisturbed(scope);
    }
  }

  private static SupervisorClaim makeUndisturbed(Scope scope) throws IOException {
    SecureRandom random = new SecureRandom();
    while (true) {
      StringBuilder id = new StringBuilder(ID_LENGTH);
      for (int i = 0; i < ID_LENGTH; i++) {
        id.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
      }
      Path directory = DIRECTORY.resolve(id.toString());
      if (!Files.exists(directory)) {
        Optional<DirectoryLock> lock = DirectoryLock.tryAcquire(directory);
        if (lock.isPresent()) {
          SupervisorClaim claim = new SupervisorClaim(id.toString(), lock.get());
          try {
            scope.write(directory);
            return claim;
          } catch (IOException e) {
            claim.close();
            throw e;
          }
        }
      }
    }
  }

  /**
   * Takes over from a supervisor, so that nobody else clears up behind it meanwhile.
   *
   * @return empty where it lives, or somebody else has taken over
   */
  static Optional<DirectoryLock> takeOver(String supervisor) throws IOException {
    return DirectoryLock.tryAcquire(DIRECTORY.resolve(supervisor));
  }

  /** Removes a claim that is held: nothing is there any more that it is for. */
  static void remove(DirectoryLock held) throws IOException {
    Scope.remove(held.directory());
    Files.deleteIfExists(held.directory());
  }

  public String id() {
    return id;
  }

  /** A name that no other sandbox of this host has. */
  public SandboxId nextSandbox() {
    return SandboxId.of(id, last.incrementAndGet());
  }

  /** Lets the claim outlast this supervisor, for whoever destroys what it could not. */
  public void leave() {
    left = true;
  }

  @Override
  public void close() {
    try {
      if (!left) {
        remove(lock);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("remove " + lock.directory(), e);
    } finally {
      lock.close();
    }
  }
}
