package dev.mayfly.egress;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PoolArenaMetric;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketProtocolFamily;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.concurrent.TimeUnit;

/**
 * The one thread that the resolver runs on, with its sockets and their memory. What belongs to the
 * resolver alone is touched by this thread alone, and so needs no locks.
 */
final class DnsLoop implements AutoCloseable {
  /** Messages are small: one arena of small chunks instead of Netty's 4 MiB for each core. */
  private static final int PAGE = 8192;

  private static final int CHUNK_ORDER = 4;
  private static final int SMALL_CACHE = 64;
  private static final int NORMAL_CACHE = 8;

  private final boolean epoll = Epoll.isAvailable();
  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(
          1,
          new DefaultThreadFactory("mayfly-names", true),
          epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  private final EventLoop loop = group.next();
  private final PooledByteBufAllocator memory =
      new PooledByteBufAllocator(true, 1, 1, PAGE, CHUNK_ORDER, SMALL_CACHE, NORMAL_CACHE, false);

  EventLoop loop() {
    return loop;
  }

  ByteBufAllocator memory() {
    return memory;
  }

  /** Buffers that are in use; some are kept for the next message until the thread has ended. */
  long buffers() {
    return memory.metric().directArenas().stream()
        .mapToLong(PoolArenaMetric::numActiveAllocations)
        .sum();
  }

  /** For datagrams of an address's family, of at most as many bytes; longer ones are cut. */
  Bootstrap datagrams(InetAddress address, int longest) {
    SocketProtocolFamily family =
        address instanceof Inet4Address ? SocketProtocolFamily.INET : SocketProtocolFamily.INET6;
    return new Bootstrap()
        .group(loop)
        .channelFactory(
            () -> epoll ? new EpollDatagramChannel(family) : new NioDatagramChannel(family))
        .option(ChannelOption.ALLOCATOR, memory)
        .option(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(longest));
  }

  Bootstrap client() {
    return new Bootstrap()
        .group(loop)
        .channelFactory(() -> epoll ? new EpollSocketChannel() : new NioSocketChannel())
        .option(ChannelOption.ALLOCATOR, memory);
  }

  ServerBootstrap server() {
    return new ServerBootstrap()
        .group(loop)
        .channelFactory(() -> epoll ? new EpollServerSocketChannel() : new NioServerSocketChannel())
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.ALLOCATOR, memory)
        .childOption(ChannelOption.TCP_NODELAY, true);
  }

  /** Closes all sockets. */
  @Override
  public void close() {
    group.shutdownGracefully(0, 2, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
  }
}
