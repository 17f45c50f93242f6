package dev.mayfly.linux;

import java.io.IOException;
import java.io.Serial;

/** A system call that failed, with what it was about. */
public final class SyscallException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  private final String operation;
  private final int errno;

  /**
   * @param operation the call's name as in its manual page
   * @param object what it was applied to: a path, a device, a pid
   * @param errno as errno(3) numbers them on Linux
   */
  public SyscallException(String operation, Object object, int errno) {
    this(operation, object, errno, "");
  }

  /**
   * @param remedy what the reader can do about it; may be empty
   */
  public SyscallException(String operation, Object object, int errno, String remedy) {
    super(
        operation
            + " "
            + object
            + ": "
            + Errno.describe(errno)
            + (remedy.isEmpty() ? "" : "; " + remedy));
    this.operation = operation;
    this.errno = errno;
  }

  public String operation() {
    return operation;
  }

  public int errno() {
    return errno;
  }
}
