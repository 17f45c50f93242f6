package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import java.time.Duration;

/** The end of a process that is no child of this one (pidfd_open(2)). */
public final class ProcessEnd {
  private static final int PIDFD_OPEN = 434;

  private ProcessEnd() {}

  /**
   * Waits until a process has ended. With PID 1 of a pid name space all others in it have, too:
   * pid_namespaces(7).
   *
   * @return false where it runs still after that time, or the kernel can't tell (before Linux 5.3)
   */
  public static boolean await(ProcessHandle process, Duration limit) throws SyscallException {
    int fd;
    try {
      fd = (int) LibC.syscall(PIDFD_OPEN, Math.toIntExact(process.pid()), 0);
    } catch (LastErrorException e) {
      return switch (e.getErrorCode()) {
        case Errno.ESRCH -> true;
        case Errno.ENOSYS -> false;
        default -> throw new SyscallException("pidfd_open", process.pid(), e.getErrorCode());
      };
    }
    try (FileDescriptorHandle held = FileDescriptorHandle.of(fd);
        Readiness readiness = Readiness.of(held.fd())) {
      // Its number may be another one's by now.
      return !process.isAlive() || readiness.awaitFor(Math.toIntExact(limit.toMillis()));
    }
  }
}
