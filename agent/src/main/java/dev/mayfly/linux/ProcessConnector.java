package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import dev.mayfly.linux.ProcessEvent.Told;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The kernel's process connector (kernel document driver-api/connector, netlink(7)): each fork,
 * exec and exit on this host. It is read by one thread.
 */
public final class ProcessConnector implements AutoCloseable {
  private static final int CONNECTOR = 11;
  private static final int ADD_MEMBERSHIP = 1;
  private static final int DONE = 3;
  private static final int DONT_WAIT = 0x40;
  private static final int LISTEN = 1;
  private static final int IGNORE = 2;
  private static final int REQUEST =
      NetlinkMessage.HEADER + ProcessEventDecoder.CONNECTOR_HEADER + 4;

  /** Room for some forty thousand events. */
  private static final int RECEIVE_BUFFER = 32 << 20;

  /** All that there is room for, and no more, whoever goes on. */
  private static final int LAST_READS = 50_000;

  private static final int DATAGRAM = 8 << 10;
  private static final int ANSWER_WITHIN = 2000;

  private static final String REMEDY =
      "the process connector wants CAP_NET_ADMIN in the host's first user, pid and network name"
          + " spaces, and a kernel with CONFIG_PROC_EVENTS";

  private final NetlinkSocket socket;
  private final Readiness readiness;
  private final Map<Integer, Integer> next = new HashMap<>();
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(DATAGRAM).order(ByteOrder.nativeOrder());

  private ProcessConnector(NetlinkSocket socket, Readiness readiness) {
    this.socket = socket;
    this.readiness = readiness;
  }

  /** Takes what is read. */
  public interface Sink {
    /**
     * An event.
     *
     * @param time nanoseconds of CLOCK_MONOTONIC
     */
    void event(long time, ProcessEvent event);

    /** Events were told that nobody will read; whose, nobody knows. */
    void lost(long count);
  }

  /**
   * Begins to listen; what happens once this returned is told.
   *
   * @throws IOException where the kernel does not answer
   */
  public static ProcessConnector open() throws IOException {
    NetlinkSocket socket = NetlinkSocket.open(CONNECTOR);
    try {
      int[] group = {ProcessEventDecoder.PROCESSES};
      int[] size = {RECEIVE_BUFFER};
      LibC.setsockopt(socket.fd(), LibC.SOL_SOCKET, LibC.SO_RCVBUFFORCE, size, Integer.BYTES);
      LibC.setsockopt(socket.fd(), LibC.SOL_NETLINK, ADD_MEMBERSHIP, group, Integer.BYTES);
      ProcessConnector connector = new ProcessConnector(socket, Readiness.of(socket.fd()));
      try {
        connector.begin();
        return connector;
      } catch (IOException | LastErrorException e) {
        connector.readiness.close();
        throw e;
      }
    } catch (LastErrorException e) {
      socket.close();
      throw new SyscallException("process connector", "", e.getErrorCode(), REMEDY);
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  private void begin() throws IOException {
    int number = (int) KernelClock.boottime();
    ask(LISTEN, number);
    boolean[] answered = {false};
    int[] error = {0};
    long until = KernelClock.boottime() + ANSWER_WITHIN * 1_000_000L;
    while (!answered[0]) {
      int left = (int) ((until - KernelClock.boottime()) / 1_000_000L);
      if (left <= 0 || !readiness.awaitFor(left)) {
        throw new SyscallException("process connector", "listen", Errno.EPERM, REMEDY);
      }
      receive(
          told -> {
            if (told.event() instanceof ProcessEvent.Answered(int acknowledged, int failed)
                && acknowledged == number + 1) {
              answered[0] = true;
              error[0] = failed;
            }
          });
    }
    if (error[0] != 0) {
      throw new SyscallException("process connector", "listen", Math.abs(error[0]), REMEDY);
    }
  }

  private void ask(int operation, int number) {
    byte[] request =
        ByteBuffer.allocate(REQUEST)
            .order(ByteOrder.nativeOrder())
            .putInt(REQUEST)
            .putShort((short) DONE)
            .putShort((short) 0)
            .putInt(0)
            .putInt(0)
            .putInt(ProcessEventDecoder.PROCESSES)
            .putInt(1)
            .putInt(number)
            .putInt(number)
            .putShort((short) Integer.BYTES)
            .putShort((short) 0)
            .putInt(operation)
            .array();
    LibC.send(socket.fd(), request, request.length, 0);
  }

  /**
   * Waits for an event and takes it. Blocks the thread.
   *
   * @return false once it was stopped; what was there until then is taken
   */
  public boolean read(Sink sink) throws IOException {
    boolean open = readiness.await();
    try {
      int most = open ? 1 : LAST_READS;
      for (int i = 0; i < most && receive(told -> take(told, sink)); i++) {}
    } catch (LastErrorException e) {
      if (e.getErrorCode() != Errno.ENOBUFS) {
        throw new SyscallException("recv", "process connector", e.getErrorCode());
      }
      sink.lost(1); // How many more, the gap in the numbers tells.
    }
    return open;
  }

  private void take(Told told, Sink sink) {
    if (told.event() instanceof ProcessEvent.Answered) {
      return;
    }
    Integer expected = next.put(told.cpu(), told.number() + 1);
    if (expected != null && expected != told.number()) {
      sink.lost(Integer.toUnsignedLong(told.number() - expected));
    }
    sink.event(told.time(), told.event());
  }

  /** One datagram; false where there is none. */
  private boolean receive(Consumer<Told> events) throws SyscallException {
    try {
      int length = (int) WatchCalls.recv(socket.fd(), buffer, DATAGRAM, DONT_WAIT);
      if (!ProcessEventDecoder.decode(
          buffer.duplicate().order(ByteOrder.nativeOrder()).limit(length), events)) {
        throw new SyscallException("recv", "process connector: a damaged event", Errno.EINVAL);
      }
      return true;
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.EAGAIN || e.getErrorCode() == Errno.EINTR) {
        return false;
      }
      throw e;
    }
  }

  /** Ends {@link #read}. */
  public void stop() {
    readiness.stop();
  }

  /** Only once nobody reads: {@link #stop} first. */
  @Override
  public void close() {
    try {
      ask(IGNORE, 0);
    } catch (LastErrorException ignored) {
      // The kernel goes on telling it to nobody, which costs it little.
    }
    socket.close();
    readiness.close();
  }
}
