package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What rules log to one group (nfnetlink_log), in the network name space of the thread that opened
 * it. A group has one reader; it ends with its socket.
 */
public final class PacketLog implements AutoCloseable {
  private static final int CONFIG = 4 << 8 | 1;
  private static final int PACKET = 4 << 8;
  private static final int CMD = 1;
  private static final int CMD_BIND = 1;
  private static final int CMD_UNBIND = 2;
  private static final int MODE = 2;
  private static final int BUFFER_SIZE = 3;
  private static final int TIMEOUT = 4;
  private static final int QUEUE_THRESHOLD = 5;
  private static final int FLAGS = 6;
  private static final int FLAG_SEQUENCE = 1;
  private static final int COPY_PACKET = 2;

  private static final int HEADER = 1;
  private static final int HOOK_OFFSET = 2;
  private static final int LOCAL_IN = 1;
  private static final int PAYLOAD = 9;
  private static final int PREFIX = 10;
  private static final int INPUT_DEVICE = 4;
  private static final int SEQUENCE = 12;

  private static final int COPY = 128;
  private static final int BATCH = 64;
  private static final int BATCH_BYTES = 32 << 10;
  private static final int RECEIVE_BUFFER = 4 << 20;
  private static final int NFNETLINK_HEADER = 4;
  private static final int ERROR = 2;

  private final NetlinkSocket socket;
  private final int group;
  private final byte[] received = new byte[BATCH_BYTES * 2];
  private volatile boolean closed;
  private int expected;

  private PacketLog(NetlinkSocket socket, int group) {
    this.socket = socket;
    this.group = group;
  }

  /** Takes what is read. */
  public interface Sink {
    void packet(LoggedPacket packet);

    /**
     * Packets were logged that nobody will read.
     *
     * @param count how many were lost at this point; empty where the kernel does not tell
     */
    void lost(Optional<Integer> count);
  }

  /**
   * Becomes the reader of a group.
   *
   * @param delay for how long the kernel may keep packets back so as to deliver several at once
   * @return empty where the group has a reader
   */
  public static Optional<PacketLog> open(int group, Duration delay) throws IOException {
    NetlinkSocket socket = NetlinkSocket.open(NetlinkSocket.NETFILTER);
    try {
      LibC.setsockopt(
          socket.fd(),
          LibC.SOL_SOCKET,
          LibC.SO_RCVBUFFORCE,
          new int[] {RECEIVE_BUFFER},
          Integer.BYTES);
      NetlinkMessage bind = config(group).attribute(CMD, new byte[] {CMD_BIND});
      try {
        socket.change(bind, "NFULNL_CFG_CMD_BIND", group);
      } catch (SyscallException e) {
        socket.close();
        if (e.errno() == Errno.EBUSY || e.errno() == Errno.EPERM || e.errno() == Errno.EEXIST) {
          return Optional.empty();
        }
        throw e;
      }
      byte[] mode = ByteBuffer.allocate(6).putInt(COPY).put((byte) COPY_PACKET).array();
      byte[] flags = ByteBuffer.allocate(2).putShort((short) FLAG_SEQUENCE).array();
      socket.change(
          config(group)
              .attribute(MODE, mode)
              .bigEndian(BUFFER_SIZE, BATCH_BYTES)
              .bigEndian(TIMEOUT, Math.toIntExact(delay.toMillis() / 10))
              .bigEndian(QUEUE_THRESHOLD, BATCH)
              .attribute(FLAGS, flags),
          "NFULA_CFG",
          group);
      return Optional.of(new PacketLog(socket, group));
    } catch (LastErrorException e) {
      socket.close();
      throw new SyscallException("setsockopt", "SO_RCVBUFFORCE", e.getErrorCode());
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  public int group() {
    return group;
  }

  /**
   * Reads until this is closed. Blocks a platform thread.
   *
   * @throws IOException where reading fails
   */
  public void read(Sink sink) throws IOException {
    while (!closed) {
      try {
        int length = (int) LibC.recv(socket.fd(), received, received.length, 0);
        if (!decode(ByteBuffer.wrap(received, 0, length).order(ByteOrder.nativeOrder()), sink)) {
          return;
        }
      } catch (LastErrorException e) {
        switch (e.getErrorCode()) {
          case Errno.EINTR -> {}
          case Errno.ENOBUFS -> {} // The gap in the numbers will tell how many.
          default -> throw new SyscallException("recv", "nflog " + group, e.getErrorCode());
        }
      }
    }
  }

  /** False where the end is told. */
  private boolean decode(ByteBuffer all, Sink sink) {
    int at = 0;
    while (at + NetlinkMessage.HEADER <= all.limit()) {
      int size = all.getInt(at);
      int type = Short.toUnsignedInt(all.getShort(at + 4));
      if (size < NetlinkMessage.HEADER || at + size > all.limit()) {
        sink.lost(Optional.empty());
        return true;
      }
      if (type == ERROR && closed) {
        return false;
      }
      if (type == PACKET && size >= NetlinkMessage.HEADER + NFNETLINK_HEADER) {
        int start = at + NetlinkMessage.HEADER + NFNETLINK_HEADER;
        packet(
            NetlinkMessage.attributes(
                all.slice(start, at + size - start).order(ByteOrder.nativeOrder())),
            sink);
      }
      at += (size + 3) & ~3;
    }
    return true;
  }

  private void packet(Map<Integer, ByteBuffer> attributes, Sink sink) {
    ByteBuffer number = attributes.get(SEQUENCE);
    if (number != null && number.remaining() == Integer.BYTES) {
      int told = bigEndian(number);
      if (told != expected) {
        sink.lost(Optional.of(told - expected));
      }
      expected = told + 1;
    }
    ByteBuffer payload = attributes.get(PAYLOAD);
    ByteBuffer prefix = attributes.get(PREFIX);
    ByteBuffer device = attributes.get(INPUT_DEVICE);
    ByteBuffer header = attributes.get(HEADER);
    sink.packet(
        new LoggedPacket(
            prefix == null ? "" : NetlinkMessage.text(prefix),
            device == null || device.remaining() < Integer.BYTES ? 0 : bigEndian(device),
            header != null
                && header.remaining() > HOOK_OFFSET
                && header.get(HOOK_OFFSET) == LOCAL_IN,
            payload == null ? new byte[0] : NetlinkMessage.bytes(payload)));
  }

  private static int bigEndian(ByteBuffer value) {
    return value.duplicate().order(ByteOrder.BIG_ENDIAN).getInt(0);
  }

  private static NetlinkMessage config(int group) {
    return new NetlinkMessage(CONFIG, NetlinkMessage.ACK)
        .u8(0, 0, group >>> 8, group); // AF_UNSPEC, NFNETLINK_V0, res_id in network byte order
  }

  /** Ends {@link #read} and gives the group up. The descriptor goes with its reader. */
  public void stop() {
    closed = true;
    byte[] unbind = config(group).attribute(CMD, new byte[] {CMD_UNBIND}).finish(1);
    try {
      LibC.send(socket.fd(), unbind, unbind.length, 0);
    } catch (LastErrorException ignored) {
      // The group ends with the socket.
    }
  }

  /** Closes the socket. Only once nobody reads: {@link #stop} first. */
  @Override
  public void close() {
    socket.close();
  }
}
