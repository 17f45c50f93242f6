package dev.mayfly.egress;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/**
 * Looks at the server names of TLS connections that the kernel turns here (DNAT), and lets through
 * those that the sandbox's plan allows: to the address that the sandbox asked for, in both
 * directions untouched. What it does not let through, or what comes while it is closed, is refused
 * at once.
 *
 * <p>It sees the first ClientHello, and the second where the server asks for one. What is said
 * after them is between the two ends.
 */
public final class TlsGate implements AutoCloseable {
  private static final int LOOPS = 2;
  private static final int BACKLOG = 4096;
  private static final int PORT_TRIES = 32;
  private static final int FIRST_READ = 2048;
  private static final int LARGEST_READ = 16 * 1024;
  private static final long CLOSE_SECONDS = 5;

  private final ArmedSandboxes sandboxes;
  private final GateBounds bounds;
  private final Seats seats;
  private final UploadBudget budgets = new UploadBudget();
  private final List<InetAddress> listen;
  private final MultiThreadIoEventLoopGroup loops;
  private final Map<EventExecutor, Pipes> pipes = new HashMap<>();
  private final List<Channel> servers = new ArrayList<>();

  private TlsGate(List<InetAddress> listen, ArmedSandboxes sandboxes, GateBounds bounds) {
    this.listen = List.copyOf(listen);
    this.sandboxes = sandboxes;
    this.bounds = bounds;
    seats = new Seats(bounds);
    loops =
        new MultiThreadIoEventLoopGroup(
            LOOPS, new DefaultThreadFactory("mayfly-gate", true), EpollIoHandler.newFactory());
    loops.forEach(loop -> pipes.put(loop, new Pipes()));
  }

  /** Opens a gate with the usual bounds. */
  public static TlsGate open(List<InetAddress> listen, ArmedSandboxes sandboxes)
      throws IOException {
    return open(listen, sandboxes, GateBounds.DEFAULT);
  }

  /**
   * Opens a gate at a free port, the same at all addresses.
   *
   * @throws IOException where epoll is not to be had, or an address is not this host's
   */
  public static TlsGate open(List<InetAddress> listen, ArmedSandboxes sandboxes, GateBounds bounds)
      throws IOException {
    if (!Epoll.isAvailable()) {
      throw new IOException(
          "the TLS gate needs epoll through Netty's native library, and it can't be loaded: is"
              + " netty-transport-native-epoll for this processor in lib/, and java.io.tmpdir on a"
              + " file system that is not mounted noexec?",
          Epoll.unavailabilityCause());
    }
    TlsGate gate = new TlsGate(listen, sandboxes, bounds);
    try {
      gate.bind();
      return gate;
    } catch (IOException e) {
      gate.close();
      throw e;
    }
  }

  private void bind() throws IOException {
    for (int tries = 1; servers.size() < listen.size(); tries++) {
      InetSocketAddress at =
          new InetSocketAddress(listen.get(servers.size()), servers.isEmpty() ? 0 : port());
      ChannelFuture bound = server(at.getAddress()).bind(at).awaitUninterruptibly();
      if (bound.isSuccess()) {
        servers.add(bound.channel());
      } else if (tries > PORT_TRIES || servers.isEmpty()) {
        throw new IOException("bind " + at + " for the TLS gate", bound.cause());
      } else {
        servers.forEach(server -> server.close().awaitUninterruptibly());
        servers.clear();
      }
    }
  }

  private ServerBootstrap server(InetAddress at) {
    SocketProtocolFamily family =
        at instanceof Inet4Address ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6;
    return new ServerBootstrap()
        .group(loops)
        .channelFactory(() -> new EpollServerSocketChannel(family))
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .childOption(ChannelOption.ALLOCATOR, new UnpooledByteBufAllocator(true))
        .childOption(
            ChannelOption.RECVBUF_ALLOCATOR,
            new AdaptiveRecvByteBufAllocator(FIRST_READ, FIRST_READ, LARGEST_READ))
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.SO_KEEPALIVE, true)
        .childHandler(
            new ChannelInitializer<EpollSocketChannel>() {
              @Override
              protected void initChannel(EpollSocketChannel channel) {
                accepted(channel);
              }
            });
  }

  private void accepted(EpollSocketChannel channel) {
    Optional<InetSocketAddress> to =
        OriginalDestination.of(channel).filter(address -> !listen.contains(address.getAddress()));
    InetSocketAddress source = channel.remoteAddress();
    Optional<ArmedSandbox> sandbox =
        source == null ? Optional.empty() : sandboxes.at(source.getAddress());
    if (to.isEmpty() || sandbox.isEmpty()) {
      Reset.close(channel);
      return;
    }
    Optional<Seats.Seat> seat = seats.take(sandbox.get(), channel);
    if (seat.isEmpty()) {
      sandbox.get().listener().seen(tooMany(to.get()));
      Reset.close(channel);
    } else if (!sandboxes.at(source.getAddress()).equals(sandbox)) {
      // Disarmed in the meantime: whoever closes its connections may not have seen this one.
      Reset.close(channel);
    } else {
      Pipes own = Objects.requireNonNull(pipes.get(channel.eventLoop()));
      new GateConnection(channel, to.get(), seat.get(), bounds, budgets, own).begin();
    }
  }

  private EgressEvent.Refused tooMany(InetSocketAddress to) {
    return new EgressEvent.Refused(
        EgressEvent.Layer.TLS,
        "tcp",
        Optional.of(to.getAddress()),
        OptionalInt.of(to.getPort()),
        Optional.empty(),
        "more than %d connections at once, or %d before their TLS ClientHello"
            .formatted(bounds.connections(), bounds.hellos()),
        Optional.empty());
  }

  /** The port at which it listens. */
  public int port() {
    return ((InetSocketAddress) servers.getFirst().localAddress()).getPort();
  }

  /**
   * Resets all connections of a sandbox. To be called when the sandbox is not among the armed ones
   * any more; when this returns, it has none, and gets none. Not to be called by an {@link
   * EgressListener}.
   */
  public void closeAll(ArmedSandbox sandbox) {
    close(seats.of(sandbox));
  }

  private static void close(List<Channel> channels) {
    channels.forEach(Reset::close);
    for (Channel channel : channels) {
      channel.closeFuture().awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
  }

  /** Refuses and resets everything, and gives back all that it holds. */
  @Override
  public void close() {
    servers.forEach(server -> server.close().awaitUninterruptibly());
    close(seats.all());
    pipes.forEach((loop, idle) -> loop.submit(idle::close).awaitUninterruptibly());
    loops
        .shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS)
        .awaitUninterruptibly(CLOSE_SECONDS, TimeUnit.SECONDS);
  }
}
