package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/**
 * Ownership of a directory by a live process, alone or shared, through flock(2): the kernel ends it
 * with the process, however that dies.
 */
public final class DirectoryLock implements AutoCloseable {
  private final Path directory;
  private final FileDescriptorHandle handle;

  private DirectoryLock(Path directory, FileDescriptorHandle handle) {
    this.directory = directory;
    this.handle = handle;
  }

  /**
   * Makes the directory (0700) where it is missing and takes it.
   *
   * @return empty where a live process holds it
   */
  public static Optional<DirectoryLock> tryAcquire(Path directory) throws IOException {
    return take(directory, LibC.LOCK_EX | LibC.LOCK_NB);
  }

  /** As {@link #tryAcquire}, but waits for as long as somebody else holds it. */
  public static DirectoryLock acquire(Path directory) throws IOException {
    return take(directory, LibC.LOCK_EX).orElseThrow();
  }

  private static Optional<DirectoryLock> take(Path directory, int operation) throws IOException {
    while (true) {
      make(directory);
      Optional<FileDescriptorHandle> there = open(directory);
      if (there.isEmpty()) {
        continue; // Who had it removed it in this moment.
      }
      FileDescriptorHandle handle = there.get();
      try {
        LibC.flock(handle.fd(), operation);
      } catch (LastErrorException e) {
        handle.close();
        if (e.getErrorCode() == Errno.EINTR) {
          continue;
        }
        if (e.getErrorCode() == Errno.EAGAIN) {
          return Optional.empty();
        }
        throw new SyscallException("flock", directory, e.getErrorCode());
      }
      if (stillNames(directory, handle)) {
        return Optional.of(new DirectoryLock(directory, handle));
      }
      handle.close();
    }
  }

  /**
   * Makes the directory (0700) where it is missing and shares it with others who do; waits while a
   * live process has it for itself.
   */
  public static DirectoryLock share(Path directory) throws IOException {
    return take(directory, LibC.LOCK_SH).orElseThrow();
  }

  private static void make(Path directory) throws IOException {
    try {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (FileAlreadyExistsException e) {
      if (!Path.of(e.getFile()).equals(directory.toAbsolutePath())) {
        throw e;
      }
      // It is no directory, or was one and is gone again: opening it tells.
    }
  }

  /** Empty where there is none. */
  private static Optional<FileDescriptorHandle> open(Path directory) throws SyscallException {
    try {
      return Optional.of(
          FileDescriptorHandle.open(directory, LibC.O_RDONLY | LibC.O_DIRECTORY | LibC.O_NOFOLLOW));
    } catch (SyscallException e) {
      if (e.errno() == Errno.ENOENT) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Whether a live process holds the directory. */
  public static boolean isHeld(Path directory) throws IOException {
    Optional<FileDescriptorHandle> there = open(directory);
    if (there.isEmpty()) {
      return false;
    }
    try (FileDescriptorHandle handle = there.get()) {
      LibC.flock(handle.fd(), LibC.LOCK_SH | LibC.LOCK_NB);
      return false;
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.EAGAIN) {
        return true;
      }
      throw new SyscallException("flock", directory, e.getErrorCode());
    }
  }

  private static boolean stillNames(Path directory, FileDescriptorHandle handle)
      throws IOException {
    try {
      return Files.isSameFile(directory, handle.path());
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  public Path directory() {
    return directory;
  }

  /** Gives the ownership up; the directory stays. */
  @Override
  public void close() {
    handle.close();
  }
}
