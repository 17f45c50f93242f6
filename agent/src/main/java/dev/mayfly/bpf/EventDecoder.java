package dev.mayfly.bpf;

import dev.mayfly.bpf.Decoded.Malformed;
import dev.mayfly.bpf.Decoded.Told;
import dev.mayfly.event.Event;
import dev.mayfly.event.ProcessKey;
import dev.mayfly.event.Stamp;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Records of the ring as events. Any bytes give an answer and none an exception: what lies in a
 * record was chosen by a job in part. For one thread.
 */
public final class EventDecoder {
  private static final int O_ACCESS = 3;
  private static final int O_CREAT = 0100;
  private static final int O_TRUNC = 01000;
  private static final int ARGUMENTS = 6;

  /** Of enum in include/trace/events/signal.h. */
  private static final Set<Integer> DELIVERED = Set.of(0, 2, 4);

  /** A chain of fewer names than this can't have been cut by the number of steps. */
  private static final int NAMES_OF_CUT = 8;

  private final SystemCalls calls;
  private final int pageSize;
  private final RecordBytes record = new RecordBytes();

  /**
   * @param pageSize of this machine's memory, in bytes
   */
  public EventDecoder(SystemCalls calls, int pageSize) {
    this.calls = calls;
    this.pageSize = pageSize;
  }

  /**
   * Whose a record is, without a look at the rest.
   *
   * @return 0 where it is too short to tell
   */
  public static long sandboxOf(ByteBuffer records, int at, int size) {
    return size < EventLayout.EVENT_SIZE ? 0 : records.getLong(at + EventLayout.EVENT_SANDBOX);
  }

  /**
   * The number of a record that {@link #sandboxOf} knew the sandbox of, as the slot counts them.
   */
  public static long sequenceOf(ByteBuffer records, int at) {
    return records.getLong(at + EventLayout.EVENT_SEQ);
  }

  /**
   * Decodes one record.
   *
   * @param records in the machine's byte order
   * @param base number of the sandbox's first event: it becomes 0
   */
  public Decoded decode(ByteBuffer records, int at, int size, long base) {
    if (size < EventLayout.EVENT_SIZE) {
      return new Malformed("a record of " + size + " bytes");
    }
    int filled = records.getInt(at + EventLayout.EVENT_BYTES);
    if (filled < EventLayout.EVENT_SIZE || filled > size) {
      return new Malformed("a record of " + size + " bytes that claims " + filled);
    }
    record.take(records, at, filled);
    int type = record.u16(EventLayout.EVENT_TYPE);
    int least = sizeOf(type);
    if (least == 0) {
      return new Malformed("a record of the unknown type " + type);
    }
    if (record.size() < least) {
      return new Malformed("a record of type " + type + " with " + filled + " bytes");
    }
    int flags = record.u16(EventLayout.EVENT_FLAGS);
    return decode(type, flags, stamp(flags, base));
  }

  private static int sizeOf(int type) {
    return switch (type) {
      case EventLayout.ENTER, EventLayout.FORK -> EventLayout.FORK_SIZE;
      case EventLayout.EXEC -> EventLayout.EXEC_ARGV;
      case EventLayout.EXIT -> EventLayout.EXIT_SIZE;
      case EventLayout.SIGNAL -> EventLayout.SIGNAL_SIZE;
      case EventLayout.MOVED -> EventLayout.MOVED_SIZE;
      case EventLayout.CONNECT, EventLayout.SEND, EventLayout.BIND, EventLayout.SOCKET ->
          EventLayout.SOCKET_SIZE;
      case EventLayout.SYSCALL -> EventLayout.SYSCALL_SIZE;
      case EventLayout.OPEN -> EventLayout.OPEN_SIZE;
      case EventLayout.UNIX -> EventLayout.UNIX_SIZE;
      case EventLayout.CHANGE -> EventLayout.CHANGE_SIZE;
      default -> 0;
    };
  }

  private Stamp stamp(int flags, long base) {
    return new Stamp(
        record.i64(EventLayout.EVENT_SEQ) - base,
        record.i64(EventLayout.EVENT_TIME),
        new ProcessKey(record.i32(EventLayout.EVENT_TGID), record.i64(EventLayout.EVENT_START)),
        record.i32(EventLayout.EVENT_TID),
        record.i32(EventLayout.EVENT_PPID),
        record.i32(EventLayout.EVENT_UID),
        record.i32(EventLayout.EVENT_GID),
        record.i32(EventLayout.EVENT_SID),
        record.string(EventLayout.EVENT_COMM, EventLayout.COMM_SIZE),
        effect(flags),
        mark(flags));
  }

  private static Optional<Stamp.Mark> mark(int flags) {
    if (has(flags, EventLayout.FLAG_SECRET)) {
      return Optional.of(Stamp.Mark.CREDENTIALS);
    }
    return has(flags, EventLayout.FLAG_START)
        ? Optional.of(Stamp.Mark.PERSISTENCE)
        : Optional.empty();
  }

  private static Stamp.Effect effect(int flags) {
    if (has(flags, EventLayout.FLAG_REFUSED)) {
      return Stamp.Effect.REFUSED; // Of who was killed, too.
    }
    return has(flags, EventLayout.FLAG_KILLED) ? Stamp.Effect.KILLED : Stamp.Effect.TOLD;
  }

  private static boolean has(int flags, int flag) {
    return (flags & flag) != 0;
  }

  private Decoded decode(int type, int flags, Stamp stamp) {
    return switch (type) {
      case EventLayout.ENTER, EventLayout.FORK -> forked(type, flags, stamp);
      case EventLayout.EXEC -> executed(flags, stamp);
      case EventLayout.EXIT -> exited(flags, stamp);
      case EventLayout.SIGNAL -> signalled(stamp);
      case EventLayout.MOVED ->
          new Told(
              new Event.Moved(
                  stamp, record.i32(EventLayout.MOVED_TID), record.i64(EventLayout.MOVED_CGROUP)));
      case EventLayout.CONNECT -> socket(Event.Socket.Use.CONNECT, stamp);
      case EventLayout.SEND -> socket(Event.Socket.Use.SEND, stamp);
      case EventLayout.BIND -> socket(Event.Socket.Use.BIND, stamp);
      case EventLayout.SOCKET -> socket(Event.Socket.Use.CREATE, stamp);
      case EventLayout.SYSCALL -> called(stamp);
      case EventLayout.OPEN -> opened(flags, stamp);
      case EventLayout.UNIX -> connected(stamp);
      default -> changed(flags, stamp);
    };
  }

  private Decoded forked(int type, int flags, Stamp stamp) {
    return new Told(
        new Event.Forked(
            stamp,
            new ProcessKey(record.i32(EventLayout.FORK_TGID), record.i64(EventLayout.FORK_START)),
            type == EventLayout.ENTER,
            record.i32(EventLayout.FORK_PID_LEVEL),
            has(flags, EventLayout.FLAG_NEW_USER_NS),
            has(flags, EventLayout.FLAG_NEW_PID_NS)));
  }

  private Decoded executed(int flags, Stamp stamp) {
    int argvSize = record.i32(EventLayout.EXEC_ARGV_SIZE);
    int exeSize = record.u16(EventLayout.EXEC_EXE_SIZE);
    int cwdSize = record.u16(EventLayout.EXEC_CWD_SIZE);
    if (argvSize < 0 || argvSize > record.size() - EventLayout.EXEC_ARGV) {
      return new Malformed("an execution with " + argvSize + " bytes of arguments");
    }
    if (exeSize > EventLayout.CHAIN_SIZE || cwdSize > EventLayout.CHAIN_SIZE) {
      return new Malformed("an execution with paths of " + exeSize + " and " + cwdSize + " bytes");
    }
    return new Told(
        new Event.Executed(
            stamp,
            record.file(EventLayout.EXEC_EXE),
            path(EventLayout.EXEC_EXE_CHAIN, exeSize, flags),
            path(EventLayout.EXEC_CWD_CHAIN, cwdSize, flags),
            record.string(EventLayout.EXEC_NAME, EventLayout.NAME_SIZE),
            record.strings(EventLayout.EXEC_ARGV, argvSize),
            record.i64(EventLayout.EXEC_CAPS),
            flaws(flags)));
  }

  private static Set<Event.Executed.Flaw> flaws(int flags) {
    int any = EventLayout.FLAG_CUT | EventLayout.FLAG_UNREADABLE | EventLayout.FLAG_CHAIN_CUT;
    if (!has(flags, any)) {
      return Set.of();
    }
    Set<Event.Executed.Flaw> flaws = EnumSet.noneOf(Event.Executed.Flaw.class);
    if (has(flags, EventLayout.FLAG_CUT)) {
      flaws.add(Event.Executed.Flaw.ARGUMENTS_CUT);
    }
    if (has(flags, EventLayout.FLAG_UNREADABLE)) {
      flaws.add(Event.Executed.Flaw.ARGUMENTS_UNREADABLE);
    }
    if (has(flags, EventLayout.FLAG_CHAIN_CUT)) {
      flaws.add(Event.Executed.Flaw.PATH_CUT);
    }
    return flaws;
  }

  /** The flag is of a record, which may have two paths: the short one is whole. */
  private String path(int at, int size, int flags) {
    boolean cut =
        has(flags, EventLayout.FLAG_CHAIN_CUT)
            && (size >= EventLayout.CHAIN_USED || record.strings(at, size).size() >= NAMES_OF_CUT);
    return record.path(at, size, cut);
  }

  private Decoded exited(int flags, Stamp stamp) {
    return new Told(
        new Event.Exited(
            stamp,
            record.i32(EventLayout.EXIT_STATUS),
            Duration.ofNanos(record.i64(EventLayout.EXIT_USER)),
            Duration.ofNanos(record.i64(EventLayout.EXIT_SYSTEM)),
            record.i64(EventLayout.EXIT_MAX_RSS) * pageSize,
            has(flags, EventLayout.FLAG_LEAVES_CHILDREN)));
  }

  private Decoded signalled(Stamp stamp) {
    return new Told(
        new Event.Signalled(
            stamp,
            record.i32(EventLayout.SIGNAL_SIGNAL),
            record.i32(EventLayout.SIGNAL_TGID),
            record.i32(EventLayout.SIGNAL_UID),
            DELIVERED.contains(record.i32(EventLayout.SIGNAL_RESULT))));
  }

  private Decoded socket(Event.Socket.Use use, Stamp stamp) {
    return new Told(
        new Event.Socket(
            stamp,
            use,
            record.u16(EventLayout.SOCKET_FAMILY),
            record.u16(EventLayout.SOCKET_KIND),
            record.u16(EventLayout.SOCKET_PROTOCOL),
            use == Event.Socket.Use.CREATE ? Optional.empty() : address(),
            record.u16(EventLayout.SOCKET_PORT)));
  }

  /** A mapped IPv4 address comes out as the IPv4 address. */
  private Optional<InetAddress> address() {
    try {
      return Optional.of(InetAddress.getByAddress(record.copy(EventLayout.SOCKET_ADDRESS, 16)));
    } catch (UnknownHostException e) {
      throw new AssertionError("16 bytes are an address", e);
    }
  }

  private Decoded called(Stamp stamp) {
    Event.Called.Abi[] all = Event.Called.Abi.values();
    int abi = record.i32(EventLayout.SYSCALL_ABI);
    if (abi < 0 || abi >= all.length) {
      return new Malformed("a system call by the unknown way " + abi);
    }
    List<Long> arguments = new ArrayList<>(ARGUMENTS);
    for (int i = 0; i < ARGUMENTS; i++) {
      arguments.add(record.i64(EventLayout.SYSCALL_ARGS + 8 * i));
    }
    return new Told(
        new Event.Called(
            stamp,
            calls.name(record.i32(EventLayout.SYSCALL_NUMBER), all[abi]),
            all[abi],
            record.i64(EventLayout.SYSCALL_RESULT),
            arguments));
  }

  private Decoded opened(int flags, Stamp stamp) {
    int size = record.u16(EventLayout.OPEN_PATH_SIZE);
    if (size > EventLayout.CHAIN_SIZE) {
      return new Malformed("an opened file with a path of " + size + " bytes");
    }
    int how = record.i32(EventLayout.OPEN_FLAGS);
    Event.Opened.Access access =
        switch (how & O_ACCESS) {
          case 0 -> Event.Opened.Access.READ;
          case 1 -> Event.Opened.Access.WRITE;
          default -> Event.Opened.Access.READ_WRITE;
        };
    return new Told(
        new Event.Opened(
            stamp,
            record.file(EventLayout.OPEN_FILE),
            record.path(EventLayout.OPEN_PATH_CHAIN, size, has(flags, EventLayout.FLAG_CHAIN_CUT)),
            access,
            has(how, O_CREAT),
            has(how, O_TRUNC),
            record.i32(EventLayout.OPEN_TARGET)));
  }

  private Decoded connected(Stamp stamp) {
    int size = record.i32(EventLayout.UNIX_NAME_SIZE);
    if (size < 0 || size > EventLayout.UNIX_NAME_MOST) {
      return new Malformed("a Unix socket with a name of " + size + " bytes");
    }
    int at = EventLayout.UNIX_NAME;
    String path = record.string(at, size);
    return new Told(
        new Event.UnixConnected(
            stamp,
            record.file(EventLayout.UNIX_FILE),
            path.isEmpty() && size > 1 ? "@" + record.text(at + 1, at + size) : path,
            record.i32(EventLayout.UNIX_PEER),
            record.i32(EventLayout.UNIX_PEER_UID)));
  }

  private Decoded changed(int flags, Stamp stamp) {
    Event.Changed.Change[] all = Event.Changed.Change.values();
    int change = record.i32(EventLayout.CHANGE_CHANGE);
    int size = record.u16(EventLayout.CHANGE_PATH_SIZE);
    int fromSize = record.u16(EventLayout.CHANGE_FROM_SIZE);
    if (change < 1 || change > all.length) {
      return new Malformed("an unknown change " + change);
    }
    if (size > EventLayout.CHAIN_SIZE || fromSize > EventLayout.CHAIN_SIZE) {
      return new Malformed("a change with paths of " + size + " and " + fromSize + " bytes");
    }
    return new Told(
        new Event.Changed(
            stamp,
            all[change - 1],
            record.file(EventLayout.CHANGE_FILE),
            path(EventLayout.CHANGE_PATH_CHAIN, size, flags),
            fromSize == 0
                ? Optional.empty()
                : Optional.of(path(EventLayout.CHANGE_FROM_CHAIN, fromSize, flags))));
  }
}
