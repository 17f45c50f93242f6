package dev.mayfly.egress;

import io.netty.channel.IoEvent;
import io.netty.channel.IoEventLoop;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;
import io.netty.channel.unix.Socket;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One of the two sockets of a {@link Relay}, and what is waited for on it. Used by its loop's
 * thread alone.
 */
final class RelayEnd implements EpollIoHandle {
  static final int IN = EpollIoOps.EPOLLIN.value();
  static final int OUT = EpollIoOps.EPOLLOUT.value();

  /** The other side will send no more; it may have sent something before. */
  static final int END = EpollIoOps.EPOLLRDHUP.value();

  static final int ERROR = EpollIoOps.EPOLLERR.value();

  /** EPOLLHUP, for which Netty has no name: both directions are shut. */
  private static final int HANG_UP = 0x10;

  private final Socket socket;
  private final Consumer<RelayEnd> ready;
  private @Nullable IoEventLoop loop;
  private @Nullable IoRegistration registration;
  private int interest;
  private int events;
  private boolean hungUp;
  private boolean failed;

  /**
   * @param ready called when something of what is waited for is there; may not throw
   */
  RelayEnd(Socket socket, Consumer<RelayEnd> ready) {
    this.socket = socket;
    this.ready = ready;
  }

  Socket socket() {
    return socket;
  }

  int number() {
    return socket.intValue();
  }

  /** Whether the connection was reset, or could not be made. */
  boolean failed() {
    return failed;
  }

  /** Whether something is there to be read, or its end, in what is being told. */
  boolean readable() {
    return (events & (IN | ERROR)) != 0;
  }

  /** Whether {@link #END} is there, in what is being told. */
  boolean ended() {
    return (events & END) != 0;
  }

  /** Whether there is room to write, in what is being told. */
  boolean writable() {
    return (events & OUT) != 0;
  }

  void register(IoEventLoop on, int first) {
    loop = on;
    await(first);
  }

  /** Waits for this from now on. Errors are always waited for. */
  void await(int wanted) {
    if (loop == null) {
      return;
    }
    if (wanted == 0 && hungUp) {
      // It would be told again and again, and nothing is to be done with this end for now.
      cancel();
    } else if (registration == null || !registration.isValid()) {
      registration = loop.register(this).getNow();
      submit(wanted);
    } else if (interest != (wanted | ERROR)) {
      submit(wanted);
    }
  }

  private void submit(int wanted) {
    interest = wanted | ERROR;
    if (registration != null) {
      registration.submit(EpollIoOps.valueOf(interest));
    }
  }

  void cancel() {
    if (registration != null) {
      registration.cancel();
    }
  }

  @Override
  public void handle(IoRegistration from, IoEvent event) {
    events = ((EpollIoEvent) event).ops().value();
    hungUp |= (events & HANG_UP) != 0;
    failed |= (events & ERROR) != 0;
    ready.accept(this);
  }

  @Override
  public FileDescriptor fd() {
    return socket;
  }

  @Override
  public void close() {
    cancel();
  }
}
