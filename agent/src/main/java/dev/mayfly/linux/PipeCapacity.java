package dev.mayfly.linux;

import com.sun.jna.LastErrorException;

/** How much a pipe holds (pipe(7), "Pipe capacity"). */
public final class PipeCapacity {
  private static final int F_SETPIPE_SZ = 1031;

  private PipeCapacity() {}

  /**
   * Makes a pipe hold at least this much. Memory is taken for what is in it, not for what could be.
   *
   * @throws SyscallException where the kernel does not let it; the pipe is as before then
   */
  public static void set(int pipe, int bytes) throws SyscallException {
    try {
      LibC.fcntl(pipe, F_SETPIPE_SZ, bytes);
    } catch (LastErrorException e) {
      throw new SyscallException("fcntl F_SETPIPE_SZ", "pipe " + pipe, e.getErrorCode());
    }
  }
}
