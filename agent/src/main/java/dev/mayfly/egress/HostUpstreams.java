package dev.mayfly.egress;

import dev.mayfly.policy.IpRange;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The DNS servers that the host itself asks (resolv.conf(5)). */
final class HostUpstreams {
  private static final Path CONFIGURATION = Path.of("/etc/resolv.conf");

  /** Where systemd-resolved lists the servers behind its stub. */
  private static final Path BEHIND_STUB = Path.of("/run/systemd/resolve/resolv.conf");

  private static final String STUB = "127.0.0.53";
  private static final int PORT = 53;

  private HostUpstreams() {}

  /**
   * @throws IOException where there are none, or the file cannot be read
   */
  static List<InetSocketAddress> read() throws IOException {
    return read(CONFIGURATION, BEHIND_STUB);
  }

  static List<InetSocketAddress> read(Path configuration, Path behindStub) throws IOException {
    List<InetSocketAddress> servers = servers(configuration);
    boolean stub =
        !servers.isEmpty()
            && servers.stream().allMatch(s -> s.getAddress().getHostAddress().equals(STUB));
    if (stub && Files.isReadable(behindStub)) {
      List<InetSocketAddress> real = servers(behindStub);
      servers = real.isEmpty() ? servers : real;
    }
    if (servers.isEmpty()) {
      throw new IOException(
          configuration
              + " names no DNS server: add a line such as \"nameserver 192.0.2.53\", or name the"
              + " servers in Mayfly's configuration");
    }
    return servers;
  }

  private static List<InetSocketAddress> servers(Path file) throws IOException {
    List<InetSocketAddress> servers = new ArrayList<>();
    for (String line : Files.readAllLines(file)) {
      String[] words = line.strip().split("\\s+");
      if (words.length >= 2 && words[0].equals("nameserver")) {
        server(words[1]).ifPresent(servers::add);
      }
    }
    return servers;
  }

  /** Those that are no address are passed over, as the host's own resolver does. */
  private static Optional<InetSocketAddress> server(String text) {
    int zone = text.indexOf('%');
    try {
      InetAddress address = IpRange.parse(zone < 0 ? text : text.substring(0, zone)).first();
      return Optional.of(
          new InetSocketAddress(zone < 0 ? address : InetAddress.getByName(text), PORT));
    } catch (IllegalArgumentException | IOException e) {
      return Optional.empty();
    }
  }
}
