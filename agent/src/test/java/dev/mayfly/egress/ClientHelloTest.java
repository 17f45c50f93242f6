package dev.mayfly.egress;

import static dev.mayfly.egress.Hellos.ENCRYPTED;
import static dev.mayfly.egress.Hellos.GREASE;
import static dev.mayfly.egress.Hellos.extension;
import static dev.mayfly.egress.Hellos.hello;
import static dev.mayfly.egress.Hellos.join;
import static dev.mayfly.egress.Hellos.serverName;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.policy.DomainName;
import io.netty.buffer.Unpooled;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientHelloTest {
  private static final DomainName NAME = new DomainName("a.example");

  private static ClientHello parse(byte[] body) throws MalformedHelloException {
    return ClientHello.parse(Unpooled.wrappedBuffer(body));
  }

  private static void assertMalformed(String reason, byte[] body) {
    assertThatThrownBy(() -> parse(body))
        .isInstanceOf(MalformedHelloException.class)
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void readsRealHellos(String version) throws Exception {
    assertThat(ClientHello.parse(Hellos.body(Hellos.real(version, Optional.of("Www.A.example")))))
        .isEqualTo(new ClientHello(Optional.of(new DomainName("www.a.example")), false));
    assertThat(ClientHello.parse(Hellos.body(Hellos.real(version, Optional.empty()))))
        .isEqualTo(new ClientHello(Optional.empty(), false));
  }

  @Test
  void passesOverGreaseAndUnknownExtensions() throws Exception {
    assertThat(
            parse(
                hello(
                    extension(GREASE),
                    serverName("a.example"),
                    extension(0x5a5a, new byte[1]),
                    extension(21, new byte[400]))))
        .isEqualTo(new ClientHello(Optional.of(NAME), false));
  }

  @Test
  void seesAnEncryptedHello() throws Exception {
    assertThat(parse(hello(extension(ENCRYPTED, new byte[200]), serverName("a.example"))))
        .isEqualTo(new ClientHello(Optional.of(NAME), true));
  }

  @Test
  void readsAHelloWithoutExtensions() throws Exception {
    byte[] whole = hello();
    assertThat(parse(Arrays.copyOf(whole, whole.length - 2)))
        .isEqualTo(parse(whole))
        .isEqualTo(new ClientHello(Optional.empty(), false));
  }

  @Test
  void refusesMoreThanOneName() {
    assertMalformed("more than one server name", hello(serverName("a.example", "b.example")));
    assertMalformed("an extension twice", hello(serverName("a.example"), serverName("a.example")));
    assertMalformed("an extension twice", hello(extension(GREASE), extension(GREASE)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "a.example.",
        "192.0.2.1",
        "[2001:db8::1]",
        "a b.example",
        "a.example\0",
        "*.example",
        "a..example",
        "ä.example",
        "a.example:443",
        "a。example",
        "\u001b[2J.example"
      })
  void refusesNamesThatAreNone(String name) {
    assertMalformed("no host name", hello(serverName(name)));
  }

  @Test
  void refusesOtherKindsOfNames() {
    assertMalformed("no host name", hello(extension(0, new byte[] {0, 4, 1, 0, 1, 'a'})));
    assertMalformed("ends too early", hello(extension(0)));
  }

  @Test
  void refusesBytesThatBelongToNothing() {
    assertMalformed("bytes after", join(hello(serverName("a.example")), new byte[1]));
    assertMalformed("more than one", hello(extension(0, new byte[] {0, 4, 0, 0, 1, 'a', 0})));
  }

  @Test
  void refusesWhatIsCutAnywhere() {
    byte[] whole = hello(extension(GREASE), serverName("a.example"));
    int extensions = 2 + 32 + 9;
    for (int length = 0; length < whole.length; length++) {
      if (length != extensions) {
        assertMalformed("a TLS ClientHello", Arrays.copyOf(whole, length));
      }
    }
  }

  @Test
  void refusesUnknownVersions() {
    byte[] old = hello(serverName("a.example"));
    old[0] = 2;
    assertMalformed("unknown version", old);
  }
}
