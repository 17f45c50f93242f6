package dev.mayfly.egress;

import dev.mayfly.dns.MessageWriter;
import dev.mayfly.dns.Query;
import dev.mayfly.dns.QueryReader;
import dev.mayfly.dns.Question;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes questions from sandboxes, over UDP and TCP (RFC 7766), and brings the replies back. */
final class NameFront {
  private static final Logger LOG = LoggerFactory.getLogger(NameFront.class);
  private static final int SHORTEST_UDP = 512;
  private static final int LONGEST_TCP = 65_535;
  private static final int LONGEST_QUERY = 4096;
  private static final int FLUSH_AFTER = 16;
  private static final int IDLE_SECONDS = 10;
  private static final int MOST_PIPELINED = 32;

  private final Askers askers;
  private final NameAnswering answering;

  NameFront(Askers askers, NameAnswering answering) {
    this.askers = askers;
    this.answering = answering;
  }

  ChannelInitializer<Channel> datagrams() {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        channel
            .pipeline()
            .addLast(new FlushConsolidationHandler(FLUSH_AFTER, true), new Datagrams());
      }
    };
  }

  ChannelInitializer<Channel> connections() {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        Optional<Asker> asker =
            askers.at(((InetSocketAddress) channel.remoteAddress()).getAddress());
        if (asker.isEmpty() || !asker.get().connects()) {
          var _ = channel.close();
          return;
        }
        channel.closeFuture().addListener(_ -> asker.get().disconnects());
        channel
            .pipeline()
            .addLast(
                new ReadTimeoutHandler(IDLE_SECONDS, TimeUnit.SECONDS),
                new LengthFieldBasedFrameDecoder(LONGEST_QUERY, 0, 2, 0, 2),
                new LengthFieldPrepender(2),
                new Connection());
      }
    };
  }

  private final class Datagrams extends SimpleChannelInboundHandler<DatagramPacket> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
      InetSocketAddress client = packet.sender();
      Optional<Asker> asker = askers.at(client.getAddress());
      if (asker.isEmpty()) {
        return;
      }
      switch (QueryReader.read(packet.content())) {
        case Query.Asked(Question question) ->
            answering.answer(
                asker.get(),
                question,
                reply ->
                    send(
                        context,
                        MessageWriter.reply(context.alloc(), question, reply, limit(question)),
                        client));
        case Query.Unfit unfit ->
            send(context, MessageWriter.reply(context.alloc(), unfit), client);
        case Query.Noise() -> {}
      }
    }

    private static void send(ChannelHandlerContext context, ByteBuf reply, InetSocketAddress to) {
      var _ = context.writeAndFlush(new DatagramPacket(reply, to));
    }

    private static int limit(Question question) {
      return Math.clamp(
          question.payload().orElse(SHORTEST_UDP), SHORTEST_UDP, MessageWriter.PAYLOAD);
    }

    /** The socket is everybody's: it stays, whatever one packet did. */
    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      LOG.warn("DNS: a datagram could not be served", cause);
    }
  }

  private final class Connection extends SimpleChannelInboundHandler<ByteBuf> {
    private int pending;

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
      Channel channel = context.channel();
      Optional<Asker> asker = askers.at(((InetSocketAddress) channel.remoteAddress()).getAddress());
      if (asker.isEmpty()) {
        var _ = context.close();
        return;
      }
      switch (QueryReader.read(message)) {
        case Query.Asked(Question question) -> {
          pending++;
          channel.config().setAutoRead(isReady(channel));
          answering.answer(
              asker.get(),
              question,
              reply -> {
                pending--;
                send(context, MessageWriter.reply(context.alloc(), question, reply, LONGEST_TCP));
                channel.config().setAutoRead(isReady(channel));
              });
        }
        case Query.Unfit unfit -> send(context, MessageWriter.reply(context.alloc(), unfit));
        case Query.Noise() -> {
          var _ = context.close();
        }
      }
    }

    private static void send(ChannelHandlerContext context, ByteBuf reply) {
      var _ = context.writeAndFlush(reply);
    }

    private boolean isReady(Channel channel) {
      return pending < MOST_PIPELINED && channel.isWritable();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
      context.channel().config().setAutoRead(isReady(context.channel()));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      var _ = context.close();
    }
  }
}
