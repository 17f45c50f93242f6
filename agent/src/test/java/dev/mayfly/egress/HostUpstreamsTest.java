package dev.mayfly.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
class HostUpstreamsTest {
  @TempDir Path directory;

  @SuppressWarnings("NullAway.Init")
  HostUpstreamsTest() {}

  private List<String> read(String configuration, String behindStub) throws IOException {
    Path one = Files.writeString(directory.resolve("resolv.conf"), configuration);
    Path two = Files.writeString(directory.resolve("stub.conf"), behindStub);
    return HostUpstreams.read(one, two).stream()
        .map(InetSocketAddress::getAddress)
        .map(address -> address.getHostAddress())
        .toList();
  }

  @Test
  void readsServersInOrder() throws IOException {
    assertThat(
            read(
                """
                # nameserver 192.0.2.9
                search lan
                nameserver 192.0.2.1
                 nameserver\t2001:db8::1 # second
                nameserver example.org
                """,
                ""))
        .containsExactly("192.0.2.1", "2001:db8:0:0:0:0:0:1");
  }

  @Test
  void looksBehindTheStub() throws IOException {
    assertThat(read("nameserver 127.0.0.53\n", "nameserver 192.0.2.1\n"))
        .containsExactly("192.0.2.1");
    assertThat(read("nameserver 127.0.0.53\n", "")).containsExactly("127.0.0.53");
    assertThat(read("nameserver 192.0.2.7\n", "nameserver 192.0.2.1\n"))
        .containsExactly("192.0.2.7");
  }

  @Test
  void saysThatThereAreNone() {
    assertThatThrownBy(() -> read("search lan\n", ""))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("names no DNS server");
  }
}
