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
 * whatever else their configurations say, so that none takes another's for a stray.
 */
public final class SupervisorClaim implements AutoCloseable {
  /** Gone after a reboot, as every supervisor then is. */
  public static final Path DIRECTORY = Path.of("/run/mayfly/supervisors");

  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
  private static final int ID_LENGTH = 8;

  private final String id;
  private final DirectoryLock lock;
  private final AtomicInteger last = new AtomicInteger();

  private SupervisorClaim(String id, DirectoryLock lock) {
    this.id = id;
    this.lock = lock;
  }

  public static SupervisorClaim make() throws IOException {
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
          return new SupervisorClaim(id.toString(), lock.get());
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

  public String id() {
    return id;
  }

  /** A name that no other sandbox of this host has. */
  public SandboxId nextSandbox() {
    return SandboxId.of(id, last.incrementAndGet());
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(lock.directory());
    } catch (IOException e) {
      throw new UncheckedIOException("remove " + lock.directory(), e);
    } finally {
      lock.close();
    }
  }
}
