package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A conversation with the kernel by netlink(7), in the network name space of the thread that opened
 * it. Safe for use by many threads.
 */
final class NetlinkSocket implements AutoCloseable {
  static final int ROUTE = 0;
  static final int NETFILTER = 12;

  private static final int CAP_ACK = 10;
  private static final int EXT_ACK = 11;

  private static final int ERROR = 2;
  private static final int DONE = 3;
  private static final int CAPPED = 0x100;
  private static final int ACK_TLVS = 0x200;
  private static final int DUMP_INTERRUPTED = 0x10;
  private static final int ATTRIBUTE_TEXT = 1;
  private static final int RECEIVE = 64 << 10;
  private static final int[] ON = {1};

  private final ReentrantLock lock = new ReentrantLock();
  private final FileDescriptorHandle handle;
  private final byte[] received = new byte[RECEIVE];
  private int sequence;

  private NetlinkSocket(FileDescriptorHandle handle) {
    this.handle = handle;
  }

  static NetlinkSocket open(int protocol) throws SyscallException {
    try {
      FileDescriptorHandle handle =
          FileDescriptorHandle.of(
              LibC.socket(LibC.AF_NETLINK, LibC.SOCK_RAW | LibC.SOCK_CLOEXEC, protocol));
      byte[] address = new byte[12];
      ByteBuffer.wrap(address).order(ByteOrder.nativeOrder()).putShort((short) LibC.AF_NETLINK);
      LibC.bind(handle.fd(), address, address.length);
      for (int option : new int[] {CAP_ACK, EXT_ACK}) {
        LibC.setsockopt(handle.fd(), LibC.SOL_NETLINK, option, ON, Integer.BYTES);
      }
      return new NetlinkSocket(handle);
    } catch (LastErrorException e) {
      throw new SyscallException("socket", "AF_NETLINK " + protocol, e.getErrorCode());
    }
  }

  int fd() {
    return handle.fd();
  }

  /**
   * Asks for something to be done; when this returns, it is.
   *
   * @param operation for the message of the exception
   */
  void change(NetlinkMessage message, String operation, Object object) throws SyscallException {
    exchange(message, operation, object, false);
  }

  /** Asks for one thing. */
  Answer ask(NetlinkMessage message, String operation, Object object) throws SyscallException {
    return exchange(message, operation, object, false).orElseThrow().getFirst();
  }

  /** A message of an answer. */
  record Answer(int type, ByteBuffer body) {}

  /** Asks for all of something. */
  List<Answer> dump(NetlinkMessage message, String operation) throws SyscallException {
    Optional<List<Answer>> answers;
    do {
      answers = exchange(message, operation, "dump", true);
    } while (answers.isEmpty());
    return answers.get();
  }

  /** Empty where what was told is of two times: a change came between. */
  private Optional<List<Answer>> exchange(
      NetlinkMessage message, String operation, Object object, boolean dump)
      throws SyscallException {
    lock.lock();
    try {
      int own = ++sequence;
      byte[] request = message.finish(own);
      LibC.send(handle.fd(), request, request.length, 0);
      List<Answer> answers = new ArrayList<>();
      boolean interrupted = false;
      while (true) {
        int length = receive();
        ByteBuffer all =
            ByteBuffer.wrap(Arrays.copyOf(received, length)).order(ByteOrder.nativeOrder());
        for (int at = 0; at + NetlinkMessage.HEADER <= length; ) {
          int size = all.getInt(at);
          int type = Short.toUnsignedInt(all.getShort(at + 4));
          int flags = Short.toUnsignedInt(all.getShort(at + 6));
          if (size < NetlinkMessage.HEADER || at + size > length) {
            throw new SyscallException("recv", "a damaged message", Errno.EINVAL);
          }
          ByteBuffer body =
              all.slice(at + NetlinkMessage.HEADER, size - NetlinkMessage.HEADER)
                  .order(ByteOrder.nativeOrder());
          if (all.getInt(at + 8) == own) {
            interrupted |= (flags & DUMP_INTERRUPTED) != 0;
            if (type == ERROR) {
              check(body, flags, operation, object);
              return Optional.of(answers);
            }
            if (type == DONE) {
              check(body, 0, operation, object);
              return interrupted ? Optional.empty() : Optional.of(answers);
            }
            answers.add(new Answer(type, body));
          }
          at += (size + 3) & ~3;
        }
        if (!dump && !answers.isEmpty()) {
          return Optional.of(answers);
        }
      }
    } catch (LastErrorException e) {
      throw new SyscallException(operation, object, e.getErrorCode());
    } finally {
      lock.unlock();
    }
  }

  private int receive() {
    while (true) {
      try {
        return (int) LibC.recv(handle.fd(), received, received.length, 0);
      } catch (LastErrorException e) {
        if (e.getErrorCode() != Errno.EINTR) {
          throw e;
        }
      }
    }
  }

  private static void check(ByteBuffer error, int flags, String operation, Object object)
      throws SyscallException {
    int errno = -error.getInt(0);
    if (errno == 0) {
      return;
    }
    String text = "";
    if ((flags & ACK_TLVS) != 0) {
      int size =
          (flags & CAPPED) != 0
              ? NetlinkMessage.HEADER
              : error.getInt(4); // The whole request is repeated.
      int at = 4 + ((size + 3) & ~3);
      if (at <= error.limit()) {
        Map<Integer, ByteBuffer> told = NetlinkMessage.attributes(error.position(at));
        ByteBuffer reason = told.get(ATTRIBUTE_TEXT);
        text = reason == null ? "" : NetlinkMessage.text(reason);
      }
    }
    throw new SyscallException(operation, object, errno, text);
  }

  @Override
  public void close() {
    handle.close();
  }
}
