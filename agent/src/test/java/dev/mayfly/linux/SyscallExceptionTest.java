package dev.mayfly.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class SyscallExceptionTest {
  @Test
  void namesOperationObjectErrorAndRemedy() {
    assertThat(new SyscallException("umount2", "/mnt", Errno.EBUSY))
        .hasMessage("umount2 /mnt: Device or resource busy (errno 16)");
    assertThat(new SyscallException("open", "/x", Errno.EACCES, "let Mayfly read it"))
        .hasMessage("open /x: Permission denied (errno 13); let Mayfly read it");
  }
}
