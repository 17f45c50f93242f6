package dev.mayfly.egress;

import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.DomainPattern;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.EgressRule.Terms;
import dev.mayfly.policy.PortRange;
import dev.mayfly.policy.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;

/**
 * A client, one connection through the gate, and a server, over loopback and with both ends in the
 * test's hands. When it is closed, the gate's end has to be closed, and every byte of memory given
 * back.
 */
@NullMarked
final class GateLine implements AutoCloseable {
  static final GateBounds BOUNDS =
      new GateBounds(8, 8, 2L << 20, Duration.ofSeconds(20), Duration.ofSeconds(20));

  /** Loopback, as if it were elsewhere. */
  static final Outward LOOPBACK =
      new Outward() {
        @Override
        public boolean isHost(InetSocketAddress to) {
          return false;
        }

        @Override
        public io.netty.channel.unix.Socket open() {
          return io.netty.channel.unix.Socket.newSocketStream();
        }
      };

  private static final InetAddress HOST = InetAddress.ofLiteral("127.0.0.1");
  private static final int PATIENCE_MILLIS = 20_000;
  private static final int IMPATIENCE_MILLIS = 100;
  private static final int PIECE = 16;

  final Socket client;
  private final List<EgressEvent> events = new CopyOnWriteArrayList<>();
  private final List<Channel> accepted = new CopyOnWriteArrayList<>();
  private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
  private final ServerSocket listening = new ServerSocket(0, 1, HOST);
  private final MultiThreadIoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("gate-line", true), EpollIoHandler.newFactory());
  private final Pipes pipes = new Pipes();
  private final GateBounds bounds;
  private final ArmedSandbox sandbox;
  private final Seats seats;
  private final Channel gate;
  private Optional<Socket> server = Optional.empty();

  GateLine() throws IOException {
    this(Terms.NONE, BOUNDS, LOOPBACK);
  }

  GateLine(Terms terms, GateBounds bounds, Outward outward) throws IOException {
    this.bounds = bounds;
    sandbox = sandbox(terms);
    seats = new Seats(bounds);
    InetSocketAddress to = new InetSocketAddress(HOST, listening.getLocalPort());
    gate =
        new ServerBootstrap()
            .group(loop)
            .channel(EpollServerSocketChannel.class)
            .childOption(ChannelOption.ALLOCATOR, memory)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childHandler(
                new ChannelInitializer<EpollSocketChannel>() {
                  @Override
                  protected void initChannel(EpollSocketChannel channel) {
                    accepted.add(channel);
                    Seats.Seat seat = seats.take(sandbox, channel).orElseThrow();
                    new GateConnection(
                            channel, to, seat, bounds, new UploadBudget(), pipes, outward)
                        .begin();
                  }
                })
            .bind(new InetSocketAddress(HOST, 0))
            .syncUninterruptibly()
            .channel();
    listening.setSoTimeout(PATIENCE_MILLIS);
    client = new Socket(HOST, ((InetSocketAddress) gate.localAddress()).getPort());
    client.setTcpNoDelay(true);
    client.setSoTimeout(PATIENCE_MILLIS);
  }

  /** One that may go to two names at one address. */
  private ArmedSandbox sandbox(Terms terms) {
    PortRange ports = PortRange.of(listening.getLocalPort());
    List<EgressRule> rules =
        List.of(
            new EgressRule.ToName(
                "a.example", DomainPattern.parse("a.example"), Transport.TCP, ports, terms),
            new EgressRule.ToName(
                "c.example", DomainPattern.parse("c.example"), Transport.TCP, ports, terms));
    ArmedSandbox sandbox =
        new ArmedSandbox(
            "job",
            new SandboxAddress(
                "mfy02a",
                (Inet4Address) HOST,
                (Inet6Address) InetAddress.ofLiteral("2001:db8:1::42")),
            new EgressPlan(
                EgressMode.ALLOWLIST,
                rules,
                List.of(),
                false,
                EgressPolicy.RefusedNames.NXDOMAIN,
                EgressPlan.RefusedHosts.NONE),
            events::add);
    for (String name : List.of("a.example", "c.example")) {
      sandbox.resolved(new DomainName(name), List.of(HOST), Instant.MAX);
    }
    return sandbox;
  }

  /** The server's end, once the gate has connected to it. */
  Socket server() throws IOException {
    if (server.isEmpty()) {
      server = Optional.of(listening.accept());
      server.get().setTcpNoDelay(true);
      server.get().setSoTimeout(PATIENCE_MILLIS);
    }
    return server.get();
  }

  static void send(Socket from, byte[] bytes) throws IOException {
    from.getOutputStream().write(bytes);
  }

  static void sendBytewise(Socket from, byte[] bytes) throws IOException {
    for (byte one : bytes) {
      from.getOutputStream().write(one);
    }
  }

  static byte[] read(Socket at, int count) throws IOException {
    return at.getInputStream().readNBytes(count);
  }

  /** Everything to the end; a reset is an error. */
  static byte[] readAll(Socket at) throws IOException {
    return at.getInputStream().readAllBytes();
  }

  /** Whether nothing comes for a while. */
  static boolean isSilent(Socket at) throws IOException {
    return isSilent(at, IMPATIENCE_MILLIS);
  }

  static boolean isSilent(Socket at, int millis) throws IOException {
    at.setSoTimeout(millis);
    try {
      at.getInputStream().read();
      return false;
    } catch (SocketTimeoutException e) {
      return true;
    } finally {
      at.setSoTimeout(PATIENCE_MILLIS);
    }
  }

  /** Whether the next thing is a reset. */
  static boolean isReset(Socket at) throws IOException {
    try {
      at.getInputStream().read();
      return false;
    } catch (SocketException e) {
      return true;
    }
  }

  /** Sends both ways what can't be mistaken, and says whether it arrives. */
  boolean isJoined() throws IOException {
    byte[] up = new byte[PIECE];
    byte[] down = new byte[PIECE];
    up[0] = 1;
    down[0] = 2;
    send(client, up);
    send(server(), down);
    return read(server(), PIECE)[0] == 1 && read(client, PIECE)[0] == 2;
  }

  /** Whether the gate counts nothing of this sandbox as in memory. */
  boolean keepsNothing() {
    EmbeddedChannel other = new EmbeddedChannel();
    try {
      return seats.take(sandbox, other).orElseThrow().hold(bounds.helloBytes());
    } finally {
      other.close().syncUninterruptibly();
    }
  }

  List<EgressEvent> events() {
    return events;
  }

  /** The reason of the last event, which has to be a refusal. */
  String refusal() {
    EgressEvent last = events.isEmpty() ? null : events.getLast();
    if (last instanceof EgressEvent.Refused refused) {
      return refused.reason();
    }
    throw new AssertionError("nothing was refused at last: " + events);
  }

  @Override
  public void close() throws IOException {
    client.close();
    if (server.isPresent()) {
      server.get().close();
    }
    listening.close();
    boolean closed = true;
    for (Channel channel : accepted) {
      closed &= channel.closeFuture().awaitUninterruptibly(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }
    gate.close().syncUninterruptibly();
    loop.submit(pipes::close).syncUninterruptibly();
    loop.shutdownGracefully(0, PATIENCE_MILLIS, TimeUnit.MILLISECONDS).syncUninterruptibly();
    long left = memory.metric().usedDirectMemory() + memory.metric().usedHeapMemory();
    if (!closed || left != 0) {
      throw new AssertionError("closed: " + closed + "; bytes not given back: " + left);
    }
  }
}
