package dev.mayfly.egress;

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
 * direction is passed on as such, a reset as a reset. What the client sends behind its first
 * ClientHello waits for the end of the {@link HelloExchange}. Used by its loop's thread alone.
 */
final class Relay {
  /** Told of what happens, by the loop's thread. */
  interface Watch {
    /**
     * Bytes of the sandbox were read that are not passed on yet.
     *
     * @return false where they are too many
     */
    boolean holds(int more);

    /** So many of them are left. */
    void left(int bytes);

    /**
     * The connection is reset for what came on it.
     *
     * @param reason for a person
     */
    void cut(String reason);
  }

  private final EpollSocketChannel client;
  private final IoEventLoop loop;
  private final GateBounds bounds;
  private final Watch watch;
  private final RelayEnd near;
  private final RelayEnd far;
  private final Flow upload;
  private final Flow download;
  private final HelloExchange exchange;
  private @Nullable Future<?> timer;
  private boolean connected;
  private boolean closed;

  /**
   * @param client taken from its event loop, so that nobody but the relay reads it
   * @param upstream not connected yet; owned by the relay
   * @param read from the client already; owned by the relay
   * @param first what is at the begin of it
   */
  Relay(
      EpollSocketChannel client,
      Socket upstream,
      Pipes pipes,
      Optional<UploadBudget.Meter> meter,
      ByteBuf read,
      FirstHello first,
      GateBounds bounds,
      Watch watch) {
    this.client = client;
    this.loop = (IoEventLoop) client.eventLoop();
    this.bounds = bounds;
    this.watch = watch;
    near = new RelayEnd(new Socket(client.fd().intValue()), this::ready);
    far = new RelayEnd(upstream, this::ready);
    ByteBuf head = copied(read, first.length());
    ByteBuf rest = copied(read, read.readableBytes());
    read.release();
    upload = new Flow(near, far, pipes, client.alloc(), meter, head);
    download = new Flow(far, near, pipes, client.alloc(), Optional.empty(), null);
    exchange = new HelloExchange(first.hello(), rest, upload, download, watch);
    client.closeFuture().addListener(_ -> close());
  }

  private ByteBuf copied(ByteBuf from, int length) {
    return client.alloc().directBuffer(length).writeBytes(from, length);
  }

  /** Begins to connect; resets the client where that fails, or takes too long. */
  void start(InetSocketAddress to) {
    try {
      far.socket().setTcpNoDelay(true);
      far.socket().setKeepAlive(true);
      far.socket().connect(to);
      after(bounds.connect(), this::reset);
      far.register(loop, RelayEnd.OUT);
    } catch (IOException | RuntimeException e) {
      reset();
    }
  }

  private void after(Duration limit, Runnable task) {
    timer = loop.schedule(task, limit.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }

  private void ready(RelayEnd end) {
    if (closed) {
      return;
    }
    try {
      if (!connected) {
        if (!far.socket().finishConnect()) {
          return;
        }
        connected = true;
        cancelTimer();
        near.register(loop, exchange.wantsOfClient());
        watch.left(exchange.held());
        upload.pump();
      } else {
        if (!exchange.isOver()) {
          exchange(end);
        }
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
        near.await(upload.wantsIn() | download.wantsOut() | exchange.wantsOfClient());
        far.await(download.wantsIn() | upload.wantsOut() | exchange.wantsOfServer());
      }
    } catch (CutException e) {
      cut(e.reason());
    } catch (IOException | RuntimeException e) {
      // Of whichever end it came, the other is told the only way there is.
      reset();
    }
  }

  private void exchange(RelayEnd end) throws IOException, CutException {
    if (end == far && far.readable() && exchange.wantsOfServer() != 0) {
      exchange.readServer();
      if (exchange.awaitsSecondHello()) {
        after(
            bounds.hello(),
            () ->
                cut(
                    "no whole second TLS ClientHello within %d s"
                        .formatted(bounds.hello().toSeconds())));
      }
    } else if (end == near && (near.readable() || near.ended()) && exchange.wantsOfClient() != 0) {
      exchange.readClient();
    }
    if (exchange.isOver()) {
      cancelTimer();
    }
  }

  private void cut(String reason) {
    if (!closed) {
      watch.cut(reason);
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
    cancelTimer();
    near.cancel();
    far.cancel();
    exchange.close();
    upload.close();
    download.close();
    Reset.close(far.socket());
  }
}
