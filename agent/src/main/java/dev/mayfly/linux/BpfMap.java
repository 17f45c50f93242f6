package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.file.Path;
import java.util.Optional;

/** A map that BPF programs and this process share. */
public final class BpfMap implements AutoCloseable {
  private final String name;
  private final FileDescriptorHandle handle;
  private final boolean owned;

  private BpfMap(String name, FileDescriptorHandle handle, boolean owned) {
    this.name = name;
    this.handle = handle;
    this.owned = owned;
  }

  /** One that lives as long as the object that it was loaded with. */
  static BpfMap of(String name, int fd) {
    return new BpfMap(name, FileDescriptorHandle.of(fd), false);
  }

  /** Opens a pinned one. */
  public static BpfMap pinned(Path path) throws SyscallException {
    return new BpfMap(path.getFileName().toString(), BpfCall.pinned(path), true);
  }

  public String name() {
    return name;
  }

  int fd() {
    return handle.fd();
  }

  /**
   * What the map has for a key.
   *
   * @param size of the map's values, in bytes
   */
  public Optional<byte[]> get(byte[] key, int size) throws SyscallException {
    try (Memory held = memory(key);
        Memory value = new Memory(size)) {
      BpfCall.element(BpfCall.MAP_LOOKUP, fd(), held, value, 0);
      return Optional.of(value.getByteArray(0, size));
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.ENOENT) {
        return Optional.empty();
      }
      throw new SyscallException("bpf(BPF_MAP_LOOKUP_ELEM)", name, e.getErrorCode());
    }
  }

  /** Sets what the map has for a key. Both have the sizes that the map was made with. */
  public void put(byte[] key, byte[] value) throws SyscallException {
    try (Memory heldKey = memory(key);
        Memory heldValue = memory(value)) {
      BpfCall.element(BpfCall.MAP_UPDATE, fd(), heldKey, heldValue, 0);
    } catch (LastErrorException e) {
      throw new SyscallException("bpf(BPF_MAP_UPDATE_ELEM)", name, e.getErrorCode());
    }
  }

  /**
   * Takes a key out.
   *
   * @return whether it was there
   */
  public boolean remove(byte[] key) throws SyscallException {
    try (Memory held = memory(key)) {
      BpfCall.element(BpfCall.MAP_DELETE, fd(), held, Pointer.NULL, 0);
      return true;
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.ENOENT) {
        return false;
      }
      throw new SyscallException("bpf(BPF_MAP_DELETE_ELEM)", name, e.getErrorCode());
    }
  }

  private static Memory memory(byte[] bytes) {
    Memory memory = new Memory(bytes.length);
    memory.write(0, bytes, 0, bytes.length);
    return memory;
  }

  @Override
  public void close() {
    if (owned) {
      handle.close();
    }
  }
}
