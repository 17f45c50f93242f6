package dev.mayfly.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ErrnoTest {
  @ParameterizedTest
  @CsvSource({
    "EPERM, Operation not permitted (errno 1)",
    "ENOENT, No such file or directory (errno 2)",
    "ESRCH, No such process (errno 3)",
    "EINTR, Interrupted system call (errno 4)",
    "ENXIO, No such device or address (errno 6)",
    "E2BIG, Argument list too long (errno 7)",
    "EAGAIN, Resource temporarily unavailable (errno 11)",
    "ENOMEM, Cannot allocate memory (errno 12)",
    "EACCES, Permission denied (errno 13)",
    "EBUSY, Device or resource busy (errno 16)",
    "EEXIST, File exists (errno 17)",
    "EXDEV, Invalid cross-device link (errno 18)",
    "ENOTDIR, Not a directory (errno 20)",
    "EISDIR, Is a directory (errno 21)",
    "EINVAL, Invalid argument (errno 22)",
    "ENFILE, Too many open files in system (errno 23)",
    "EMFILE, Too many open files (errno 24)",
    "ENOSPC, No space left on device (errno 28)",
    "EROFS, Read-only file system (errno 30)",
    "ENOSYS, Function not implemented (errno 38)",
    "ENOTEMPTY, Directory not empty (errno 39)",
    "ELOOP, Too many levels of symbolic links (errno 40)",
    "EDQUOT, Disk quota exceeded (errno 122)"
  })
  void hasTheKernelsNumbers(String name, String description) throws Exception {
    assertThat(Errno.describe(Errno.class.getField(name).getInt(null))).isEqualTo(description);
  }

  @ParameterizedTest
  @CsvSource({"4095, Unknown error 4095 (errno 4095)", "0, Success (errno 0)"})
  void describesAnyNumber(int errno, String description) {
    assertThat(Errno.describe(errno)).isEqualTo(description);
  }
}
