package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What proc(5) tells of the processes of this host. */
public final class Processes {
  private static final Path PROC = Path.of("/proc");

  /** {@code TCP_LISTEN} of include/net/tcp_states.h, as the tables write it. */
  private static final String LISTENING = "0A";

  private Processes() {}

  /** A name space, as namespaces(7) identifies it. */
  public record Namespace(String kind, long inode) {}

  /**
   * The fields of {@code /proc/PID/status}. A process names itself, with any bytes, but none of
   * them makes a field: the kernel escapes newlines, and what follows the name is the kernel's.
   */
  public static Map<String, String> status(long pid) throws IOException {
    Map<String, String> fields = new LinkedHashMap<>();
    byte[] status = Files.readAllBytes(PROC.resolve(pid + "/status"));
    for (String line : new String(status, StandardCharsets.UTF_8).split("\n")) {
      int colon = line.indexOf(':');
      if (colon > 0) {
        fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
      }
    }
    return fields;
  }

  public static Namespace namespace(long pid, String kind) throws IOException {
    return parse(kind, Files.readSymbolicLink(PROC.resolve(pid + "/ns/" + kind)));
  }

  /**
   * Keeps a process's name space, so that its number is given to no other.
   *
   * @throws SyscallException where there is no such process
   */
  public static HeldNamespace hold(long pid, String kind) throws IOException {
    FileDescriptorHandle handle =
        FileDescriptorHandle.open(PROC.resolve(pid + "/ns/" + kind), LibC.O_RDONLY);
    try {
      return new HeldNamespace(parse(kind, Files.readSymbolicLink(handle.path())), handle);
    } catch (IOException e) {
      handle.close();
      throw e;
    }
  }

  /**
   * As {@link #hold}, of this very process: told by its time of start before and after, so that it
   * can't be another one's to which the number was given meanwhile.
   */
  public static HeldNamespace holdSame(long pid, String kind) throws IOException {
    String before = startOf(pid);
    HeldNamespace held = hold(pid, kind);
    try {
      if (!startOf(pid).equals(before)) {
        throw new SyscallException("open", PROC.resolve(pid + "/ns/" + kind), Errno.ESRCH);
      }
      return held;
    } catch (IOException e) {
      held.close();
      throw e;
    }
  }

  /** Field 22 of proc_pid_stat(5); a process names itself in field 2, with any characters. */
  private static String startOf(long pid) throws IOException {
    String stat = Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
    return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[19];
  }

  /** A name space of this process itself. */
  public static Namespace ownNamespace(String kind) throws IOException {
    return parse(kind, Files.readSymbolicLink(PROC.resolve("self/ns/" + kind)));
  }

  private static Namespace parse(String kind, Path link) {
    String text = link.toString();
    return new Namespace(
        kind, Long.parseLong(text.substring(text.indexOf('[') + 1, text.length() - 1)));
  }

  /**
   * Every process of the host that lives in the name space now. Those that end meanwhile are left
   * out.
   */
  public static List<Long> in(Namespace namespace) throws IOException {
    List<Long> found = new ArrayList<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(PROC, "[0-9]*")) {
      for (Path process : processes) {
        long pid = Long.parseLong(process.getFileName().toString());
        if (namespaceOrEnded(pid, namespace.kind()).filter(namespace::equals).isPresent()) {
          found.add(pid);
        }
      }
    }
    return List.copyOf(found);
  }

  /** Empty where the process ended, or is a zombie and so is in no name space any more. */
  private static Optional<Namespace> namespaceOrEnded(long pid, String kind) throws IOException {
    try {
      return Optional.of(namespace(pid, kind));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (FileSystemException e) {
      if (isOutside(pid)) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Whether a process whose name spaces may not be read (they belong to somebody with more
   * capabilities than this process) has ended, or is told by its {@code NSpid} to be in no pid name
   * space below this one's.
   */
  private static boolean isOutside(long pid) throws IOException {
    try {
      Map<String, String> status = status(pid);
      return status.getOrDefault("State", "Z").startsWith("Z")
          || !status.getOrDefault("NSpid", "\t").contains("\t");
    } catch (NoSuchFileException e) {
      return true;
    }
  }

  /**
   * The name space's uid 0 as the host numbers it (user_namespaces(7), uid_map).
   *
   * @return 0 where no user name space maps it elsewhere
   */
  public static long hostUidOfRoot(long pid) throws IOException {
    for (String line : Files.readAllLines(PROC.resolve(pid + "/uid_map"))) {
      String[] fields = line.strip().split("\\s+");
      if (fields[0].equals("0")) {
        return Long.parseLong(fields[1]);
      }
    }
    throw new IOException("process " + pid + " has no uid 0: its uid_map is not an engine's");
  }

  /** The names of the network devices that the process sees. */
  public static List<String> networkDevices(long pid) throws IOException {
    return Files.readAllLines(PROC.resolve(pid + "/net/dev")).stream()
        .filter(line -> line.contains(":"))
        .map(line -> line.substring(0, line.indexOf(':')).strip())
        .toList();
  }

  /** The ports of TCP that something listens on in the process's network (proc_net(5)). */
  public static Set<Integer> listeningPorts(long pid) throws IOException {
    Set<Integer> ports = new TreeSet<>();
    for (String table : List.of("tcp", "tcp6")) {
      Path file = PROC.resolve(pid + "/net/" + table);
      if (!Files.exists(file)) {
        continue; // A kernel without IPv6.
      }
      for (String line : Files.readAllLines(file)) {
        String[] fields = line.strip().split("\\s+");
        if (fields.length > 3 && fields[3].equals(LISTENING)) {
          String local = fields[1];
          ports.add(Integer.parseInt(local.substring(local.indexOf(':') + 1), 16));
        }
      }
    }
    return ports;
  }

  /**
   * Whether a signal was sent to a process and waits for it to be taken ({@code ShdPnd} of {@code
   * /proc/PID/status}); false where there is no such process.
   */
  public static boolean isSignalPending(long pid, int number) {
    try {
      String pending = status(pid).getOrDefault("ShdPnd", "0");
      return (Long.parseUnsignedLong(pending, 16) >>> (number - 1) & 1) == 1;
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Sends a signal.
   *
   * @param pid of one process; kill(2) takes others as groups, with this process's own among them
   * @return false where there is no such process any more
   */
  public static boolean signal(long pid, int number) throws SyscallException {
    if (pid <= 0) {
      throw new SyscallException("kill", pid, Errno.EINVAL);
    }
    try {
      LibC.kill(Math.toIntExact(pid), number);
      return true;
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.ESRCH) {
        return false;
      }
      throw new SyscallException("kill", pid, e.getErrorCode());
    }
  }
}
