package dev.mayfly.egress;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * The resolver of sandboxes: the only one that they reach. It answers what their plans allow, keeps
 * addresses of refused ranges out of answers, and has the packet layer open what it answers before
 * the answer is sent. Whoever is no sandbox of this supervisor gets no answer.
 */
public final class Resolver implements AutoCloseable {

  private static final int LONGEST_QUERY = 4096;
  private static final int ATTEMPTS = 16;

  private final DnsLoop dns;
  private final NameAnswering answering;
  private final int port;

  private Resolver(DnsLoop dns, NameAnswering answering, int port) {
    this.dns = dns;
    this.answering = answering;
    this.port = port;
  }

  /**
   * Starts to listen, over UDP and TCP. Until {@link #packets} is called, names that need something
   * opened are not answered.
   *
   * @param listen addresses of this host, on all of which it is the same port
   * @param port 0 for one that is free on all of them
   * @param upstreams servers to be asked, the first one first
   * @throws IOException where an address cannot be listened on
   */
  public static Resolver open(
      List<InetAddress> listen,
      int port,
      List<InetSocketAddress> upstreams,
      ArmedSandboxes sandboxes)
      throws IOException {
    DnsLoop dns = new DnsLoop();
    try {
      Askers askers = new Askers(sandboxes);
      NameAnswering answering = new NameAnswering(dns, askers, new Upstreams(dns, upstreams));
      int bound = bind(dns, new NameFront(askers, answering), listen, port);
      return new Resolver(dns, answering, bound);
    } catch (IOException | RuntimeException e) {
      dns.close();
      throw e;
    }
  }

  /**
   * The servers that this host asks.
   *
   * @throws IOException where its configuration names none, or cannot be read
   */
  public static List<InetSocketAddress> hostUpstreams() throws IOException {
    return HostUpstreams.read();
  }

  private static int bind(DnsLoop dns, NameFront front, List<InetAddress> listen, int port)
      throws IOException {
    for (int attempt = 1; ; attempt++) {
      List<Channel> bound = new ArrayList<>();
      try {
        int common = port;
        for (InetAddress address : listen) {
          Channel udp =
              bound(
                  dns.datagrams(address, LONGEST_QUERY)
                      .handler(front.datagrams())
                      .bind(address, common),
                  address,
                  common);
          bound.add(udp);
          common = ((InetSocketAddress) udp.localAddress()).getPort();
          bound.add(
              bound(
                  dns.server().childHandler(front.connections()).bind(address, common),
                  address,
                  common));
        }
        return common;
      } catch (BindException e) {
        bound.forEach(channel -> channel.close().awaitUninterruptibly());
        if (port != 0 || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private static Channel bound(ChannelFuture future, InetAddress address, int port)
      throws BindException {
    if (!future.awaitUninterruptibly().isSuccess()) {
      BindException failure =
          new BindException(
              "bind "
                  + address.getHostAddress()
                  + " port "
                  + port
                  + " for DNS: "
                  + future.cause().getMessage());
      failure.initCause(future.cause());
      throw failure;
    }
    return future.channel();
  }

  /** The port that it listens on, over UDP and TCP. */
  public int port() {
    return port;
  }

  /**
   * Says who opens addresses from now on. To be called again whenever what was opened may be so no
   * more, as after the table was made anew.
   */
  public void packets(PacketLayer layer) {
    dns.loop().submit(() -> answering.packets(layer)).awaitUninterruptibly();
  }

  /** Of {@link DnsLoop#buffers}. */
  long buffers() {
    return dns.buffers();
  }

  /** Stops listening; what was asked and not answered stays so. */
  @Override
  public void close() {
    dns.close();
  }
}
