package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** What the running kernel can do, found out by trying. */
public final class Kernel {
  private static final int BPF_PROG_LOAD = 5;
  private static final int BPF_PROG_TYPE_SOCKET_FILTER = 1;

  /** Of union bpf_attr, up to log_buf. */
  private static final int BPF_ATTR_SIZE = 48;

  /** {@code r0 = 0; exit}: BPF_ALU64|BPF_MOV|BPF_K and BPF_JMP|BPF_EXIT. */
  private static final long[] RETURN_ZERO = {0xb7, 0x95};

  private Kernel() {}

  /**
   * Resolves a path with openat2(2) as the copying of workspaces does.
   *
   * @return why that can't be done; empty where it can
   */
  public static Optional<String> refusesOpenat2() {
    byte[] name = {'p', 'r', 'o', 'c'};
    try (BeneathDirectory root = BeneathDirectory.open(Path.of("/"), TreePlace.Side.SOURCE)) {
      Optional<TreeNode> found = root.hold(name);
      found.ifPresent(TreeNode::close);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Loads a BPF program that does nothing, and drops it again (bpf(2)).
   *
   * @return why that can't be done; empty where it can
   */
  public static Optional<String> refusesBpf() {
    try (Memory program = new Memory(8L * RETURN_ZERO.length);
        Memory license = new Memory(4);
        Memory attributes = new Memory(BPF_ATTR_SIZE)) {
      for (int i = 0; i < RETURN_ZERO.length; i++) {
        program.setLong(8L * i, RETURN_ZERO[i]);
      }
      license.setString(0, "GPL");
      attributes.clear();
      attributes.setInt(0, BPF_PROG_TYPE_SOCKET_FILTER);
      attributes.setInt(4, RETURN_ZERO.length);
      attributes.setPointer(8, program);
      attributes.setPointer(16, license);
      int fd = (int) LibC.syscall(LibC.SYS_BPF, BPF_PROG_LOAD, attributes, (long) BPF_ATTR_SIZE);
      FileDescriptorHandle.of(fd).close();
      return Optional.empty();
    } catch (LastErrorException e) {
      return Optional.of("bpf(BPF_PROG_LOAD): " + Errno.describe(e.getErrorCode()));
    }
  }

  /** Whether the kernel tells its types, which BPF programs are fitted to when they are loaded. */
  public static boolean hasTypeInformation() {
    return Files.isReadable(Path.of("/sys/kernel/btf/vmlinux"));
  }

  /**
   * How many user name spaces there may be (namespaces(7)).
   *
   * @return empty where the kernel has none at all
   */
  public static Optional<Long> mostUserNamespaces() throws IOException {
    try {
      return Optional.of(
          Long.parseLong(
              Files.readAllLines(Path.of("/proc/sys/user/max_user_namespaces")).getFirst()));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Bytes of memory that can be had without swapping (proc(5), MemAvailable). */
  public static long availableMemory() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
      if (line.startsWith("MemAvailable:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
      }
    }
    throw new IOException("/proc/meminfo tells no MemAvailable");
  }

  /** Whether the host swaps. */
  public static boolean swaps() throws IOException {
    return Files.readAllLines(Path.of("/proc/swaps")).size() > 1;
  }
}
