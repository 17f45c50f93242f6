package dev.mayfly.egress;

import dev.mayfly.egress.EgressEvent.Layer;
import dev.mayfly.egress.GateDecision.Pass;
import dev.mayfly.egress.GateDecision.Refuse;
import dev.mayfly.policy.DomainName;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.unix.Socket;
import io.netty.handler.ssl.SniCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection at the gate, behind its {@link Intake} in the pipeline. Once it may pass, it is
 * taken out of Netty's hands and given to a {@link Relay}.
 */
final class GateConnection extends ChannelInboundHandlerAdapter implements Intake.Outcome {
  /** How long a client may take to read its alert and go. */
  private static final long FAREWELL_MILLIS = 1000;

  private final EpollSocketChannel channel;
  private final InetSocketAddress to;
  private final Seats.Seat seat;
  private final GateBounds bounds;
  private final UploadBudget budgets;
  private final Pipes pipes;
  private final Outward outward;
  private final List<ByteBuf> kept = new ArrayList<>();
  private State state = State.READING;
  private boolean anythingCame;
  private @Nullable Future<?> timer;

  private enum State {
    READING,
    PASSED,
    REFUSED
  }

  GateConnection(
      EpollSocketChannel channel,
      InetSocketAddress to,
      Seats.Seat seat,
      GateBounds bounds,
      UploadBudget budgets,
      Pipes pipes) {
    this(channel, to, seat, bounds, budgets, pipes, Outward.HOST);
  }

  GateConnection(
      EpollSocketChannel channel,
      InetSocketAddress to,
      Seats.Seat seat,
      GateBounds bounds,
      UploadBudget budgets,
      Pipes pipes,
      Outward outward) {
    this.channel = channel;
    this.to = to;
    this.seat = seat;
    this.bounds = bounds;
    this.budgets = budgets;
    this.pipes = pipes;
    this.outward = outward;
  }

  /** Begins to read. */
  void begin() {
    channel.closeFuture().addListener(_ -> released());
    channel
        .pipeline()
        .addLast(new Intake(seat.sandbox(), to.getAddress(), to.getPort(), this))
        .addLast(this);
    after(
        bounds.hello().toMillis(),
        () ->
            refused(
                Refuse.denied(
                    "no whole TLS ClientHello within %d s".formatted(bounds.hello().toSeconds()))));
  }

  private void after(long millis, Runnable task) {
    if (timer != null) {
      timer.cancel(false);
    }
    timer = channel.eventLoop().schedule(task, millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public boolean holds(int bytes) {
    anythingCame |= bytes > 0;
    return seat.hold(bytes);
  }

  @Override
  public void passed(Pass pass, FirstHello first) {
    state = State.PASSED;
    if (timer != null) {
      timer.cancel(false);
    }
    seat.hear();
    channel.config().setAutoRead(false);
    channel.deregister().addListener(_ -> relay(pass, first));
  }

  private void relay(Pass pass, FirstHello first) {
    if (!channel.isOpen()) {
      return;
    }
    Optional<String> name = pass.name().map(DomainName::text);
    Optional<UploadBudget.Meter> meter =
        pass.rule().flatMap(rule -> budgets.of(seat.sandbox(), rule));
    ByteBuf read = allRead();
    Socket upstream;
    try {
      upstream = opened(meter, read.readableBytes());
    } catch (CutException e) {
      read.release();
      cut(name, e.reason());
      return;
    }
    Relay relay = new Relay(channel, upstream, pipes, meter, read, first, bounds, watch(name));
    report(
        new EgressEvent.Allowed(
            "tcp", to.getAddress(), OptionalInt.of(to.getPort()), name, pass.byRule()));
    relay.start(to);
  }

  /** A socket for the other end, where so many bytes may be sent to it. */
  private Socket opened(Optional<UploadBudget.Meter> meter, int bytes) throws CutException {
    if (isHost()) {
      throw new CutException("the address is this host's own");
    }
    if (meter.isPresent() && !meter.get().spend(bytes)) {
      throw new CutException(meter.get().reason());
    }
    try {
      return outward.open();
    } catch (RuntimeException e) {
      throw new CutException("no more connections can be opened");
    }
  }

  private boolean isHost() throws CutException {
    try {
      return outward.isHost(to);
    } catch (IOException | RuntimeException e) {
      throw new CutException("it can't be told whether the address is this host's own");
    }
  }

  private Relay.Watch watch(Optional<String> name) {
    return new Relay.Watch() {
      @Override
      public boolean holds(int more) {
        return seat.hold(more);
      }

      @Override
      public void left(int bytes) {
        seat.pass();
        seat.hold(bytes);
      }

      @Override
      public void cut(String reason) {
        report(refusal(name, reason, Optional.empty()));
      }
    };
  }

  /** All that was read, in one buffer that the kernel can be given. */
  private ByteBuf allRead() {
    ByteBuf read =
        channel.alloc().directBuffer(kept.stream().mapToInt(ByteBuf::readableBytes).sum());
    kept.forEach(read::writeBytes);
    released();
    return read;
  }

  private void cut(Optional<String> name, String reason) {
    report(refusal(name, reason, Optional.empty()));
    Reset.close(channel);
  }

  /** Says no in TLS's words, ends the stream, and lets the client go first, but not for long. */
  @Override
  public void refused(Refuse refuse) {
    if (state != State.READING) {
      return;
    }
    state = State.REFUSED;
    report(refusal(refuse.name(), refuse.reason(), refuse.suggestion()));
    if (refuse.alert().isEmpty()) {
      Reset.close(channel);
      return;
    }
    after(FAREWELL_MILLIS, () -> Reset.close(channel));
    channel
        .writeAndFlush(refuse.alert().get().toRecord())
        .addListener(
            (ChannelFutureListener)
                written -> {
                  if (written.isSuccess()) {
                    channel.shutdownOutput().addListener(ChannelFutureListener.CLOSE_ON_FAILURE);
                  } else {
                    Reset.close(channel);
                  }
                });
  }

  private EgressEvent.Refused refusal(
      Optional<String> name, String reason, Optional<String> suggestion) {
    return new EgressEvent.Refused(
        Layer.TLS,
        "tcp",
        Optional.of(to.getAddress()),
        OptionalInt.of(to.getPort()),
        name,
        reason,
        suggestion);
  }

  private void report(EgressEvent event) {
    seat.sandbox().listener().seen(event);
  }

  /** What the intake had read: kept for the other end, or thrown away. */
  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (state == State.PASSED && message instanceof ByteBuf bytes && channel.isOpen()) {
      kept.add(bytes);
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    switch (event) {
      case SniCompletionEvent done when done.cause() != null ->
          refused(Refuse.denied("the TLS ClientHello is longer than 64 KiB, or damaged"));
      case ChannelInputShutdownEvent _ when state == State.READING -> {
        if (anythingCame) {
          refused(Refuse.denied("it ended before its TLS ClientHello did"));
        }
        Reset.end(channel);
      }
      case ChannelInputShutdownEvent _ when state == State.REFUSED -> Reset.end(channel);
      default -> {}
    }
  }

  /** The client reset the connection, or has sent what the decoder refused already. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    Reset.close(channel);
  }

  private void released() {
    if (timer != null && !channel.isOpen()) {
      timer.cancel(false);
    }
    kept.forEach(ByteBuf::release);
    kept.clear();
  }
}
