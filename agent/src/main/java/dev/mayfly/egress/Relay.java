package dev.mayfly.egress;

import dev.mayfly.egress.Flow.OverBudgetException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.IoEventLoop;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.Socket;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Makes the connection that a sandbox asked for, and passes bytes both ways untouched. The end of a
 * direction is passed on as such, a reset as a reset. Used by its loop's thread alone.
 */
final class Relay {
  /** Told of what happens, by the loop's thread. */
  interface Watch {
    /** The other end has answered, and gets what was read already. */
    void connected();

    /**
     * The sandbox may send no more.
     *
     * @param reason for a person
     */
    void cut(String reason);
  }

  private final EpollSocketChannel client;
  private final IoEventLoop loop;
  private final Watch watch;
  private final RelayEnd near;
  private final RelayEnd far;
  private final Flow upload;
  private final Flow download;
  private @Nullable Future<?> timeout;
  private boolean closed;

  /**
   * @param client taken from its event loop, so that nobody but the relay reads it
   * @param upstream not connected yet; owned by the relay
   * @param hello what was read from the client already; owned by the relay
   */
  Relay(
      EpollSocketChannel client,
      Socket upstream,
      Pipes pipes,
      Optional<UploadBudget.Meter> meter,
      ByteBuf hello,
      Watch watch) {
    this.client = client;
    this.loop = (IoEventLoop) client.eventLoop();
    this.watch = watch;
    near = new RelayEnd(new Socket(client.fd().intValue()), this::ready);
    far = new RelayEnd(upstream, this::ready);
    upload = new Flow(near, far, pipes, client.alloc(), meter, hello);
    download = new Flow(far, near, pipes, client.alloc(), Optional.empty(), null);
    client.closeFuture().addListener(_ -> close());
  }

  /** Begins to connect, for so long at most; resets the client where that fails. */
  void start(InetSocketAddress to, Duration limit) {
    try {
      far.socket().setTcpNoDelay(true);
      far.socket().setKeepAlive(true);
      far.socket().connect(to);
      timeout = loop.schedule(this::reset, limit.toMillis(), TimeUnit.MILLISECONDS);
      far.register(loop, RelayEnd.OUT);
    } catch (IOException | RuntimeException e) {
      reset();
    }
  }

  private void ready(RelayEnd end) {
    if (closed) {
      return;
    }
    try {
      if (timeout != null) {
        if (!far.socket().finishConnect()) {
          return;
        }
        timeout.cancel(false);
        timeout = null;
        near.register(loop, RelayEnd.IN);
        watch.connected();
        upload.pump();
      } else {
        if (end == near ? near.readable() : far.writable()) {
          upload.pump();
        }
        if (end == far ? far.readable() : near.writable()) {
          download.pump();
        }
      }
      if (near.failed() || far.failed()) {
        reset();
      } else if (upload.isDone() && download.isDone()) {
        Reset.end(client);
      } else {
        near.await(upload.wantsIn() | download.wantsOut());
        far.await(download.wantsIn() | upload.wantsOut());
      }
    } catch (OverBudgetException e) {
      watch.cut(String.valueOf(e.getMessage()));
      reset();
    } catch (IOException | RuntimeException e) {
      // Of whichever end it came, the other is told the only way there is.
      reset();
    }
  }

  /** Ends both connections with a reset. */
  private void reset() {
    if (!closed) {
      Reset.lingerNot(far.socket());
      Reset.close(client);
    }
  }

  private void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (timeout != null) {
      timeout.cancel(false);
    }
    near.cancel();
    far.cancel();
    upload.close();
    download.close();
    Reset.close(far.socket());
  }
}
