package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Pages of a map, shared with the kernel (mmap(2)). */
final class MappedPages implements AutoCloseable {
  private final Pointer address;
  private final long size;
  private boolean closed;

  private MappedPages(Pointer address, long size) {
    this.address = address;
    this.size = size;
  }

  static MappedPages of(BpfMap map, long offset, long size, boolean writable)
      throws SyscallException {
    int protection = writable ? LibC.PROT_READ | LibC.PROT_WRITE : LibC.PROT_READ;
    try {
      return new MappedPages(
          LibC.mmap(null, size, protection, LibC.MAP_SHARED, map.fd(), offset), size);
    } catch (LastErrorException e) {
      throw new SyscallException("mmap", map.name(), e.getErrorCode());
    }
  }

  /** Whoever uses it after {@link #close} ends this process. */
  ByteBuffer buffer(long from, long length) {
    return address.getByteBuffer(from, length).order(ByteOrder.nativeOrder());
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      try {
        LibC.munmap(address, size);
      } catch (LastErrorException ignored) {
        // It fails for wrong arguments only, and these were mmap's.
      }
    }
  }
}
