package dev.mayfly.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostAddressTest {
  @BeforeAll
  static void load() {
    Epoll.ensureAvailability();
  }

  private static boolean isHost(InetAddress address) throws IOException {
    return HostAddress.is(new InetSocketAddress(address, 443));
  }

  static Stream<InetAddress> ownAddresses() throws SocketException {
    return NetworkInterface.networkInterfaces()
        .flatMap(NetworkInterface::inetAddresses)
        .filter(address -> !address.isLinkLocalAddress());
  }

  @ParameterizedTest
  @MethodSource("ownAddresses")
  void knowsTheHostsOwnAddresses(InetAddress address) throws Exception {
    assertThat(isHost(address)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.0.0.9", "127.255.255.254", "::1", "0.0.0.0", "::"})
  void knowsLoopback(String address) throws Exception {
    assertThat(isHost(InetAddress.ofLiteral(address))).isTrue();
  }

  /** Whether there is a route to them or none. */
  @Test
  void knowsWhatIsElsewhere() throws Exception {
    assertThat(isHost(GateSandboxes.address("203.0.113.254"))).isFalse();
    assertThat(isHost(GateSandboxes.address("2001:db8:ffff::fe"))).isFalse();
  }
}
