package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** bpf(2) on maps and on what is pinned: the parts of union bpf_attr that these need. */
final class BpfCall {
  static final int MAP_LOOKUP = 1;
  static final int MAP_UPDATE = 2;
  static final int MAP_DELETE = 3;
  private static final int OBJ_PIN = 6;
  private static final int OBJ_GET = 7;
  private static final int ELEMENT_SIZE = 32;
  private static final int PIN_SIZE = 16;

  private BpfCall() {}

  /**
   * One of the calls on an element of a map.
   *
   * @throws LastErrorException with the kernel's errno
   */
  static void element(int command, int map, Pointer key, Pointer value, long flags) {
    try (Memory attributes = new Memory(ELEMENT_SIZE)) {
      attributes.clear();
      attributes.setInt(0, map);
      attributes.setPointer(8, key);
      attributes.setPointer(16, value);
      attributes.setLong(24, flags);
      LibC.syscall(LibC.SYS_BPF, command, attributes, (long) ELEMENT_SIZE);
    }
  }

  /** Gives what is open a name in a BPF file system, which keeps it alive. */
  static void pin(int fd, Path path) throws SyscallException {
    try {
      byPath(OBJ_PIN, path, fd);
    } catch (LastErrorException e) {
      throw new SyscallException("bpf(BPF_OBJ_PIN)", path, e.getErrorCode());
    }
  }

  /** Opens what is pinned. */
  static FileDescriptorHandle pinned(Path path) throws SyscallException {
    try {
      return FileDescriptorHandle.of(byPath(OBJ_GET, path, 0));
    } catch (LastErrorException e) {
      throw new SyscallException("bpf(BPF_OBJ_GET)", path, e.getErrorCode());
    }
  }

  private static int byPath(int command, Path path, int fd) {
    byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
    try (Memory text = new Memory(name.length + 1L);
        Memory attributes = new Memory(PIN_SIZE)) {
      text.write(0, name, 0, name.length);
      text.setByte(name.length, (byte) 0);
      attributes.clear();
      attributes.setPointer(0, text);
      attributes.setInt(8, fd);
      return (int) LibC.syscall(LibC.SYS_BPF, command, attributes, (long) PIN_SIZE);
    }
  }
}
