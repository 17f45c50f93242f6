package dev.mayfly.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.bpf.Decoded.Malformed;
import dev.mayfly.bpf.Decoded.Told;
import dev.mayfly.event.Event;
import dev.mayfly.event.Event.Changed.Change;
import dev.mayfly.event.Event.Executed.Flaw;
import dev.mayfly.event.FileIdentity;
import dev.mayfly.event.ProcessKey;
import dev.mayfly.event.Stamp;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventDecoderTest {
  static final Stamp STAMP = stamp(Stamp.Effect.TOLD);
  static final FileIdentity FILE = new FileIdentity(259 << 20 | 2, 77, 1, 76, 0xef53);

  private static Stamp stamp(Stamp.Effect effect) {
    return new Stamp(
        5,
        123_456_789_012L,
        new ProcessKey(4000, 99_000),
        4001,
        3999,
        100_000,
        100_001,
        3990,
        "sh",
        effect);
  }

  private static RawRecord exec(byte... argv) {
    return RawRecord.of(EventLayout.EXEC, EventLayout.EXEC_ARGV + argv.length)
        .file(EventLayout.EXEC_EXE)
        .u64(EventLayout.EXEC_CAPS, 1L << 21)
        .u32(EventLayout.EXEC_ARGV_SIZE, argv.length)
        .text(EventLayout.EXEC_NAME, "./script")
        .chain(EventLayout.EXEC_EXE_CHAIN, EventLayout.EXEC_EXE_SIZE, "bash", "bin", "usr")
        .chain(EventLayout.EXEC_CWD_CHAIN, EventLayout.EXEC_CWD_SIZE)
        .raw(EventLayout.EXEC_ARGV, argv);
  }

  private static RawRecord exec(String argv) {
    return exec(argv.getBytes(StandardCharsets.UTF_8));
  }

  private static Event.Executed executed(RawRecord record) {
    return (Event.Executed) ((Told) record.decoded()).event();
  }

  @Test
  void tellsAnExecutionWithItsPathsFromTheRoot() {
    assertThat(exec("bash\0./script\0\0a b\0").decoded())
        .isEqualTo(
            new Told(
                new Event.Executed(
                    STAMP,
                    FILE,
                    "/usr/bin/bash",
                    "/",
                    "./script",
                    List.of("bash", "./script", "", "a b"),
                    1L << 21,
                    Set.of())));
  }

  @Test
  void keepsTheLastArgumentThatWasCut() {
    Event.Executed event = executed(exec("bash\0--lo").flags(EventLayout.FLAG_CUT));
    assertThat(event.arguments()).containsExactly("bash", "--lo");
    assertThat(event.flaws()).containsExactly(Flaw.ARGUMENTS_CUT);
  }

  @Test
  void tellsAnExecutionWithoutArgumentsAsSuch() {
    assertThat(executed(exec("")).arguments()).isEmpty();
    assertThat(executed(exec("").flags(EventLayout.FLAG_UNREADABLE)).flaws())
        .containsExactly(Flaw.ARGUMENTS_UNREADABLE);
  }

  @Test
  void takesAsManyArgumentsAsThereCanBe() {
    assertThat(executed(exec(new byte[EventLayout.ARGV_MAX])).arguments())
        .isEqualTo(Collections.nCopies(EventLayout.ARGV_MAX, ""));
  }

  @Test
  void showsBytesThatAreNoText() {
    byte[] argv = {
      (byte) 0xc3, (byte) 0xa9, (byte) 0xff, 'x', (byte) 0xe2, (byte) 0x82, 0, 27, '[', 0
    };
    assertThat(executed(exec(argv)).arguments()).containsExactly("é\\xffx\\xe2\\x82", "\u001b[");
  }

  @Test
  void decodesTextAsJavaDoes() {
    StringBuilder all = new StringBuilder();
    for (int point = 1; point <= Character.MAX_CODE_POINT; point += point < 0x900 ? 1 : 97) {
      if (point < Character.MIN_SURROGATE || point > Character.MAX_SURROGATE) {
        all.appendCodePoint(point);
      }
    }
    all.appendCodePoint(0xd7ff).appendCodePoint(0xe000).appendCodePoint(0xffff);
    all.appendCodePoint(0x10000).appendCodePoint(Character.MAX_CODE_POINT);
    String text = all.toString();
    for (int from = 0; from < text.length(); ) {
      int to =
          text.offsetByCodePoints(from, Math.min(8000, text.codePointCount(from, text.length())));
      assertThat(executed(exec(text.substring(from, to))).arguments())
          .containsExactly(text.substring(from, to));
      from = to;
    }
  }

  @Test
  void takesNoFormsThatAreNotTheShortestNorSurrogates() {
    String[] bad = {
      "c0af", "e09f80", "f08f8080", "eda080", "f4908080", "f8888080", "80", "c3", "e282"
    };
    for (String hex : bad) {
      String escaped = hex.replaceAll("..", "\\\\x$0");
      assertThat(executed(exec(HexFormat.of().parseHex(hex))).arguments()).containsExactly(escaped);
      assertThat(executed(exec(HexFormat.of().parseHex("41" + hex + "42"))).arguments())
          .containsExactly("A" + escaped + "B");
    }
  }

  @Test
  void marksThePathThatWasCut() {
    String[] deep = Collections.nCopies(20, "d").toArray(String[]::new);
    Event.Executed event =
        executed(
            exec("a\0")
                .flags(EventLayout.FLAG_CHAIN_CUT)
                .chain(EventLayout.EXEC_EXE_CHAIN, EventLayout.EXEC_EXE_SIZE, deep));
    assertThat(event.path()).isEqualTo("…" + "/d".repeat(20));
    assertThat(event.directory()).isEqualTo("/");
    assertThat(event.flaws()).containsExactly(Flaw.PATH_CUT);
  }

  @Test
  void tellsForks() {
    RawRecord record =
        RawRecord.of(EventLayout.FORK, EventLayout.FORK_SIZE)
            .flags(EventLayout.FLAG_NEW_USER_NS)
            .u32(EventLayout.FORK_TGID, 4002)
            .u32(EventLayout.FORK_PID_LEVEL, 2)
            .u64(EventLayout.FORK_START, 123L);
    ProcessKey child = new ProcessKey(4002, 123);
    assertThat(record.decoded())
        .isEqualTo(new Told(new Event.Forked(STAMP, child, false, 2, true, false)));
    record.u16(EventLayout.EVENT_TYPE, EventLayout.ENTER).flags(EventLayout.FLAG_NEW_PID_NS);
    assertThat(record.decoded())
        .isEqualTo(new Told(new Event.Forked(STAMP, child, true, 2, false, true)));
  }

  @Test
  void tellsAnExit() {
    RawRecord record =
        RawRecord.of(EventLayout.EXIT, EventLayout.EXIT_SIZE)
            .flags(EventLayout.FLAG_LEAVES_CHILDREN)
            .u32(EventLayout.EXIT_STATUS, 3 << 8)
            .u64(EventLayout.EXIT_USER, 5)
            .u64(EventLayout.EXIT_SYSTEM, 6)
            .u64(EventLayout.EXIT_MAX_RSS, 10);
    assertThat(record.decoded())
        .isEqualTo(
            new Told(
                new Event.Exited(
                    STAMP, 3 << 8, Duration.ofNanos(5), Duration.ofNanos(6), 40960, true)));
  }

  @Test
  void tellsSignalsAndMoves() {
    RawRecord signal =
        RawRecord.of(EventLayout.SIGNAL, EventLayout.SIGNAL_SIZE)
            .u32(EventLayout.SIGNAL_SIGNAL, 9)
            .u32(EventLayout.SIGNAL_TGID, 1)
            .u32(EventLayout.SIGNAL_UID, 0);
    assertThat(signal.decoded()).isEqualTo(new Told(new Event.Signalled(STAMP, 9, 1, 0, true)));
    signal.u32(EventLayout.SIGNAL_RESULT, 1);
    assertThat(signal.decoded()).isEqualTo(new Told(new Event.Signalled(STAMP, 9, 1, 0, false)));
    RawRecord moved =
        RawRecord.of(EventLayout.MOVED, EventLayout.MOVED_SIZE)
            .u32(EventLayout.MOVED_TID, 4005)
            .u64(EventLayout.MOVED_CGROUP, 42);
    assertThat(moved.decoded()).isEqualTo(new Told(new Event.Moved(STAMP, 4005, 42)));
  }

  private static RawRecord socket(int type, String address) throws UnknownHostException {
    byte[] bytes = InetAddress.getByName(address).getAddress();
    RawRecord record = RawRecord.of(type, EventLayout.SOCKET_SIZE);
    if (bytes.length == 4) {
      record.raw(EventLayout.SOCKET_ADDRESS + 10, (byte) 0xff, (byte) 0xff);
    }
    return record
        .u16(EventLayout.SOCKET_FAMILY, bytes.length == 4 ? 2 : 10)
        .u16(EventLayout.SOCKET_PORT, 0xff01)
        .u16(EventLayout.SOCKET_KIND, 1)
        .u16(EventLayout.SOCKET_PROTOCOL, 6)
        .raw(EventLayout.SOCKET_ADDRESS + 16 - bytes.length, bytes);
  }

  @Test
  void tellsSocketsOfBothFamilies() throws UnknownHostException {
    assertThat(socket(EventLayout.CONNECT, "192.0.2.1").decoded())
        .isEqualTo(
            new Told(
                new Event.Socket(
                    STAMP,
                    Event.Socket.Use.CONNECT,
                    2,
                    1,
                    6,
                    Optional.of(InetAddress.getByName("192.0.2.1")),
                    0xff01)));
    assertThat(socket(EventLayout.SEND, "2001:db8::1").decoded())
        .isEqualTo(
            new Told(
                new Event.Socket(
                    STAMP,
                    Event.Socket.Use.SEND,
                    10,
                    1,
                    6,
                    Optional.of(InetAddress.getByName("2001:db8::1")),
                    0xff01)));
    assertThat(socket(EventLayout.BIND, "::").decoded())
        .extracting(told -> ((Event.Socket) ((Told) told).event()).use())
        .isEqualTo(Event.Socket.Use.BIND);
    assertThat(socket(EventLayout.SOCKET, "::").flags(EventLayout.FLAG_REFUSED).decoded())
        .isEqualTo(
            new Told(
                new Event.Socket(
                    stamp(Stamp.Effect.REFUSED),
                    Event.Socket.Use.CREATE,
                    10,
                    1,
                    6,
                    Optional.empty(),
                    0xff01)));
  }

  private static RawRecord call(int number, int abi) {
    RawRecord record =
        RawRecord.of(EventLayout.SYSCALL, EventLayout.SYSCALL_SIZE)
            .u32(EventLayout.SYSCALL_NUMBER, number)
            .u32(EventLayout.SYSCALL_ABI, abi)
            .u64(EventLayout.SYSCALL_RESULT, -1);
    for (int i = 0; i < 6; i++) {
      record.u64(EventLayout.SYSCALL_ARGS + 8 * i, i);
    }
    return record;
  }

  private static Told called(String name, Event.Called.Abi abi) {
    return new Told(new Event.Called(STAMP, name, abi, -1, List.of(0L, 1L, 2L, 3L, 4L, 5L)));
  }

  @Test
  void namesSystemCallsByHowTheyWereCalled() {
    assertThat(call(101, 0).decoded()).isEqualTo(called("ptrace", Event.Called.Abi.NATIVE));
    assertThat(call(26, 1).decoded()).isEqualTo(called("ptrace", Event.Called.Abi.COMPAT));
    assertThat(call(101, 2).decoded()).isEqualTo(called("ptrace", Event.Called.Abi.X32));
    assertThat(call(26, 0).decoded()).isEqualTo(called("#26", Event.Called.Abi.NATIVE));
    assertThat(call(117, 0).decoded(SystemCalls.of("aarch64")))
        .isEqualTo(called("ptrace", Event.Called.Abi.NATIVE));
  }

  private static RawRecord open(int flags) {
    return RawRecord.of(EventLayout.OPEN, EventLayout.OPEN_SIZE)
        .file(EventLayout.OPEN_FILE)
        .u32(EventLayout.OPEN_FLAGS, flags)
        .u32(EventLayout.OPEN_TARGET, 12)
        .chain(EventLayout.OPEN_PATH_CHAIN, EventLayout.OPEN_PATH_SIZE, "mem", "12", "proc");
  }

  private static Event.Opened opened(RawRecord record) {
    return (Event.Opened) ((Told) record.decoded()).event();
  }

  @Test
  void tellsOpenedFiles() {
    assertThat(open(0).flags(EventLayout.FLAG_KILLED).decoded())
        .isEqualTo(
            new Told(
                new Event.Opened(
                    stamp(Stamp.Effect.KILLED),
                    FILE,
                    "/proc/12/mem",
                    Event.Opened.Access.READ,
                    false,
                    false,
                    12)));
    assertThat(opened(open(01101)))
        .extracting(Event.Opened::access, Event.Opened::created, Event.Opened::truncated)
        .containsExactly(Event.Opened.Access.WRITE, true, true);
    assertThat(opened(open(2)).access()).isEqualTo(Event.Opened.Access.READ_WRITE);
    assertThat(opened(open(0).flags(EventLayout.FLAG_CHAIN_CUT)).path()).isEqualTo("…/proc/12/mem");
  }

  private static RawRecord connected(byte... name) {
    return RawRecord.of(EventLayout.UNIX, EventLayout.UNIX_SIZE)
        .file(EventLayout.UNIX_FILE)
        .u32(EventLayout.UNIX_PEER, 5)
        .u32(EventLayout.UNIX_PEER_UID, 6)
        .u32(EventLayout.UNIX_NAME_SIZE, name.length)
        .raw(EventLayout.UNIX_NAME, name);
  }

  @Test
  void tellsUnixSocketsByPathAndByAbstractName() {
    assertThat(connected("/run/x.sock\0".getBytes(StandardCharsets.UTF_8)).decoded())
        .isEqualTo(new Told(new Event.UnixConnected(STAMP, FILE, "/run/x.sock", 5, 6)));
    assertThat(connected("\0bus".getBytes(StandardCharsets.UTF_8)).decoded())
        .isEqualTo(new Told(new Event.UnixConnected(STAMP, FILE, "@bus", 5, 6)));
    assertThat(connected().decoded())
        .isEqualTo(new Told(new Event.UnixConnected(STAMP, FILE, "", 5, 6)));
  }

  private static RawRecord change(int change) {
    return RawRecord.of(EventLayout.CHANGE, EventLayout.CHANGE_SIZE)
        .file(EventLayout.CHANGE_FILE)
        .u32(EventLayout.CHANGE_CHANGE, change)
        .chain(EventLayout.CHANGE_PATH_CHAIN, EventLayout.CHANGE_PATH_SIZE, "new", "etc")
        .chain(EventLayout.CHANGE_FROM_CHAIN, EventLayout.CHANGE_FROM_SIZE);
  }

  @Test
  void tellsChangesOfNames() {
    assertThat(change(1).decoded())
        .isEqualTo(
            new Told(new Event.Changed(STAMP, Change.CREATE, FILE, "/etc/new", Optional.empty())));
    assertThat(
            change(2)
                .chain(EventLayout.CHANGE_FROM_CHAIN, EventLayout.CHANGE_FROM_SIZE, "old", "tmp")
                .decoded())
        .isEqualTo(
            new Told(
                new Event.Changed(
                    STAMP, Change.RENAME, FILE, "/etc/new", Optional.of("/tmp/old"))));
    assertThat(change(8).decoded())
        .isEqualTo(
            new Told(new Event.Changed(STAMP, Change.MOUNT, FILE, "/etc/new", Optional.empty())));
  }

  @Test
  void looksAtWhoseARecordIsWithoutDecodingIt() {
    ByteBuffer bytes = change(1).bytes();
    assertThat(EventDecoder.sandboxOf(bytes, 0, bytes.capacity())).isEqualTo(RawRecord.SANDBOX);
    assertThat(EventDecoder.sequenceOf(bytes, 0)).isEqualTo(1005);
    assertThat(EventDecoder.sandboxOf(bytes, 0, EventLayout.EVENT_SIZE - 1)).isZero();
  }

  @Test
  void saysWhatIsNoEvent() {
    ByteBuffer few = ByteBuffer.allocate(79).order(ByteOrder.nativeOrder());
    assertThat(new EventDecoder(SystemCalls.of("amd64"), 4096).decode(few, 0, 79, 0))
        .isEqualTo(new Malformed("a record of 79 bytes"));
    assertThat(RawRecord.of(EventLayout.FORK, 96).u32(EventLayout.EVENT_BYTES, 97).decoded())
        .isEqualTo(new Malformed("a record of 96 bytes that claims 97"));
    assertThat(RawRecord.of(EventLayout.FORK, 96).u32(EventLayout.EVENT_BYTES, -1).decoded())
        .isEqualTo(new Malformed("a record of 96 bytes that claims -1"));
    assertThat(RawRecord.of(99, 96).decoded())
        .isEqualTo(new Malformed("a record of the unknown type 99"));
    assertThat(call(101, 3).decoded())
        .isEqualTo(new Malformed("a system call by the unknown way 3"));
    assertThat(exec("a").u32(EventLayout.EXEC_ARGV_SIZE, 2).decoded())
        .isEqualTo(new Malformed("an execution with 2 bytes of arguments"));
    assertThat(exec("a").u32(EventLayout.EXEC_ARGV_SIZE, -1).decoded())
        .isEqualTo(new Malformed("an execution with -1 bytes of arguments"));
    assertThat(exec("a").u16(EventLayout.EXEC_EXE_SIZE, 769).decoded())
        .isEqualTo(new Malformed("an execution with paths of 769 and 0 bytes"));
    assertThat(exec("a").u16(EventLayout.EXEC_CWD_SIZE, 0xffff).decoded())
        .isEqualTo(new Malformed("an execution with paths of 13 and 65535 bytes"));
    assertThat(open(0).u16(EventLayout.OPEN_PATH_SIZE, 769).decoded())
        .isEqualTo(new Malformed("an opened file with a path of 769 bytes"));
    assertThat(connected().u32(EventLayout.UNIX_NAME_SIZE, 109).decoded())
        .isEqualTo(new Malformed("a Unix socket with a name of 109 bytes"));
    assertThat(change(9).decoded()).isEqualTo(new Malformed("an unknown change 9"));
    assertThat(change(0).decoded()).isEqualTo(new Malformed("an unknown change 0"));
    assertThat(change(1).u16(EventLayout.CHANGE_FROM_SIZE, 769).decoded())
        .isEqualTo(new Malformed("a change with paths of 8 and 769 bytes"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 16, 17, 18, 19, 32, 33, 34, 35})
  void saysWhenARecordIsTooShortForItsType(int type) {
    assertThat(RawRecord.of(type, EventLayout.EVENT_SIZE).decoded())
        .isEqualTo(new Malformed("a record of type " + type + " with 80 bytes"));
  }
}
