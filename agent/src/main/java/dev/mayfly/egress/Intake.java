package dev.mayfly.egress;

import dev.mayfly.egress.GateDecision.Pass;
import dev.mayfly.egress.GateDecision.Refuse;
import dev.mayfly.egress.GateDecision.Verdict;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslClientHelloHandler;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.net.InetAddress;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a connection until its ClientHello is complete, asks for the verdict, and steps out of the
 * way; what it read goes to the next handler then, unchanged.
 */
final class Intake extends SslClientHelloHandler<Verdict> {
  /** Of the ClientHello; and, with the headers of its records, the double of it. */
  static final int LONGEST_HELLO = 64 * 1024;

  static final int LONGEST = 2 * LONGEST_HELLO;

  /** Takes the verdict, once. */
  interface Outcome {
    /**
     * Counts bytes that are in memory from now on.
     *
     * @return false where they are too many
     */
    boolean holds(int bytes);

    void passed(Pass pass, FirstHello hello);

    void refused(Refuse refuse);
  }

  private final ArmedSandbox sandbox;
  private final InetAddress to;
  private final int port;
  private final Outcome outcome;
  private @Nullable FirstHello first;
  private int read;

  Intake(ArmedSandbox sandbox, InetAddress to, int port, Outcome outcome) {
    super(LONGEST_HELLO);
    this.sandbox = sandbox;
    this.to = to;
    this.port = port;
    this.outcome = outcome;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    int more = message instanceof ByteBuf bytes ? bytes.readableBytes() : 0;
    boolean room = outcome.holds(more);
    read += more;
    if (room && read <= LONGEST) {
      super.channelRead(ctx, message);
      return;
    }
    ReferenceCountUtil.release(message);
    settle(
        ctx,
        Refuse.denied(
            room
                ? "the TLS ClientHello is in too many records"
                : "too many large TLS ClientHellos at once"));
  }

  @Override
  protected Future<Verdict> lookup(ChannelHandlerContext ctx, @Nullable ByteBuf hello) {
    return ctx.executor().newSucceededFuture(verdict(hello));
  }

  private Verdict verdict(@Nullable ByteBuf hello) {
    if (hello == null) {
      return new Refuse(
          Optional.empty(),
          Optional.empty(),
          "it does not begin with a TLS ClientHello",
          Optional.empty());
    }
    try {
      first = first(internalBuffer());
      return GateDecision.decide(sandbox, to, port, first.hello());
    } catch (MalformedHelloException e) {
      return Refuse.denied(e.reason());
    }
  }

  /** Reads it once more than Netty did: where it ends, and that nothing else is in its records. */
  private static FirstHello first(ByteBuf read) throws MalformedHelloException {
    HelloRecords records = HelloRecords.first();
    ClientHello hello =
        records.read(read).orElseThrow(() -> new MalformedHelloException("that ends too early"));
    return new FirstHello(hello, records.end());
  }

  @Override
  protected void onLookupComplete(ChannelHandlerContext ctx, Future<Verdict> verdict) {
    settle(ctx, verdict.getNow());
  }

  private void settle(ChannelHandlerContext ctx, Verdict verdict) {
    switch (verdict) {
      case Pass pass -> outcome.passed(pass, Objects.requireNonNull(first));
      case Refuse refuse -> outcome.refused(refuse);
    }
    ctx.pipeline().remove(this);
  }
}
