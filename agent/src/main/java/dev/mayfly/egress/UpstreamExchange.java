package dev.mayfly.egress;

import dev.mayfly.dns.Answer;
import dev.mayfly.dns.AnswerReader;
import dev.mayfly.dns.MalformedDnsException;
import dev.mayfly.dns.MessageWriter;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One question to one server, over UDP or TCP. Each has a socket of its own, so that the kernel
 * picks a random source port and takes datagrams of the server alone; what then does not match the
 * question and its random id is passed over (RFC 5452).
 */
final class UpstreamExchange {
  private static final SecureRandom IDS = new SecureRandom();
  private static final int LONGEST_UDP = 4096;
  private static final int LONGEST_TCP = 65_535;

  /** Who sends more answers that do not match is guessing. */
  private static final int MOST_WRONG = 16;

  private final NameCache.Key asked;
  private final Consumer<Optional<Answer>> then;
  private final int id = IDS.nextInt(1 << 16);
  private int wrong;
  private boolean done;

  private UpstreamExchange(NameCache.Key asked, Consumer<Optional<Answer>> then) {
    this.asked = asked;
    this.then = then;
  }

  /**
   * Called and calling back on the loop's thread.
   *
   * @param then takes the answer once; nothing where none that matches came in time
   */
  static void start(
      DnsLoop dns,
      InetSocketAddress server,
      boolean tcp,
      NameCache.Key asked,
      Duration limit,
      Consumer<Optional<Answer>> then) {
    UpstreamExchange exchange = new UpstreamExchange(asked, then);
    Bootstrap bootstrap = tcp ? dns.client() : dns.datagrams(server.getAddress(), LONGEST_UDP);
    ChannelFuture connected = bootstrap.handler(exchange.handlers(tcp)).connect(server);
    Channel channel = connected.channel();
    ScheduledFuture<?> late =
        dns.loop()
            .schedule(
                () -> exchange.end(channel, Optional.empty()),
                limit.toMillis(),
                TimeUnit.MILLISECONDS);
    channel
        .closeFuture()
        .addListener(
            _ -> {
              late.cancel(false);
              exchange.end(channel, Optional.empty());
            });
    connected.addListener(
        result -> {
          if (result.isSuccess() && !exchange.done) {
            var _ =
                channel.writeAndFlush(
                    MessageWriter.question(
                        channel.alloc(), exchange.id, asked.name().inLowerCase(), asked.type()));
          } else {
            exchange.end(channel, Optional.empty());
          }
        });
  }

  private ChannelInitializer<Channel> handlers(boolean tcp) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel channel) {
        if (tcp) {
          channel
              .pipeline()
              .addLast(
                  new LengthFieldBasedFrameDecoder(LONGEST_TCP, 0, 2, 0, 2),
                  new LengthFieldPrepender(2));
        }
        channel.pipeline().addLast(new Answers());
      }
    };
  }

  private void end(Channel channel, Optional<Answer> answer) {
    if (!done) {
      done = true;
      var _ = channel.close();
      then.accept(answer);
    }
  }

  private final class Answers extends SimpleChannelInboundHandler<Object> {
    @Override
    protected void channelRead0(ChannelHandlerContext context, Object message) {
      ByteBuf bytes =
          message instanceof ByteBufHolder datagram ? datagram.content() : (ByteBuf) message;
      try {
        Answer answer = AnswerReader.read(bytes);
        if (answer.id() == id
            && answer.asked().equals(asked.name())
            && answer.type().equals(asked.type())) {
          end(context.channel(), Optional.of(answer));
          return;
        }
      } catch (MalformedDnsException e) {
        // Counted below, like an answer to another question.
      }
      wrong++;
      if (wrong == MOST_WRONG) {
        end(context.channel(), Optional.empty());
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      end(context.channel(), Optional.empty());
    }
  }
}
