package dev.mayfly.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.policy.EgressRule.Terms;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EgressRuleTest {
  private static final Terms WITHOUT_SNI = new Terms(Optional.empty(), true, false);
  private static final Terms ENCRYPTED = new Terms(Optional.empty(), false, true);
  private static final Terms UPLOAD = new Terms(Optional.of(ByteSize.ofMiB(1)), false, false);

  @ParameterizedTest
  @CsvSource({
    "a.example, a.example:443/tcp",
    "A.Example., a.example:443/tcp",
    "a.example:443, a.example:443/tcp",
    "bücher.example, xn--bcher-kva.example:443/tcp",
    "localhost:8080, localhost:8080/tcp",
    "git.example:22, git.example:22/tcp",
    "a.example:8000-8015, a.example:8000-8015/tcp",
    "a.example:9-9, a.example:9/tcp",
    "*.a.example:443, *.a.example:443/tcp",
    "*.a.example, *.a.example:443/tcp",
    "ntp.example:123/udp, ntp.example:123/udp",
    "10.0.5.7:5432, 10.0.5.7/32:5432/tcp",
    "10.0.5.0/24:5432, 10.0.5.0/24:5432/tcp",
    "10.0.5.0/24:1-65535/udp, 10.0.5.0/24:1-65535/udp",
    "0.0.0.0/0:80, 0.0.0.0/0:80/tcp",
    "169.254.169.254:80, 169.254.169.254/32:80/tcp",
    "[2001:db8::1]:443, [2001:db8::1/128]:443/tcp",
    "[2001:DB8:0:0::/32]:443, [2001:db8::/32]:443/tcp",
    "[::/0]:80/udp, [::/0]:80/udp",
    "@github, @github"
  })
  void readsWhatTheConfigurationWrites(String text, String meaning) {
    EgressRule rule = EgressRule.parse(text);
    assertThat(rule.meaning()).isEqualTo(meaning);
    assertThat(rule.text()).isEqualTo(text);
    assertThat(rule.terms()).isEqualTo(Terms.NONE);
    assertThat(text).matches(Pattern.compile(EgressRule.PATTERN));
    assertThat(EgressRule.parse(meaning.replace("/tcp", "")).meaning()).isEqualTo(meaning);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          ``                 | "" is not a host name: write one such as packages.example.org
          a b                | "a b" is not a host name: write one such as packages.example.org
          a.example:         | "a.example:" has no valid port: "" is not a port: write one from 1 to 65535, or FIRST-LAST
          a.example:0        | "a.example:0" has no valid port: "0" is not a port: write one from 1 to 65535, or FIRST-LAST
          a.example:65536    | "a.example:65536" has no valid port: "65536" is not a port: write one from 1 to 65535, or FIRST-LAST
          a.example:-1       | "a.example:-1" has no valid port: "-1" is not a port: write one from 1 to 65535, or FIRST-LAST
          a.example:9-8      | "a.example:9-8" has no valid port: "9-8" is not a port: write one from 1 to 65535, or FIRST-LAST
          a.example:http     | "a.example:http" has no valid port: "http" is not a port: write one from 1 to 65535, or FIRST-LAST
          a.example:1,2      | "a.example:1,2" has no valid port: "1,2" is not a port: write one from 1 to 65535, or FIRST-LAST
          a.example:8000-8016 | "a.example:8000-8016" names 17 ports: by name at most 16 are; name the range of addresses, or fewer ports
          a.example/udp      | "a.example/udp" has no port: write one such as a.example:443/udp
          a.example:443/tcp  | "a.example:443/tcp" says /tcp, which is meant anyway: leave it out
          a.example:443/quic | "a.example:443/quic" has no valid port: "443/quic" is not a port: write one from 1 to 65535, or FIRST-LAST
          https://a.example/ | "https://a.example/" is a URL: write its host and port alone, such as packages.example.org:443
          a.example/path     | "a.example/path" is not an address or a range of addresses: write one such as 10.0.5.0/24 or 2001:db8::/32
          a.example/24:443   | "a.example/24" is not an address or a range of addresses: write one such as 10.0.5.0/24 or 2001:db8::/32
          user@a.example     | "user@a.example" is not a host name: write one such as packages.example.org
          *                  | "*" means every host: set mode: https for that, or name ranges such as 0.0.0.0/0:443 and [::/0]:443
          *:443              | "*:443" means every host: set mode: https for that, or name ranges such as 0.0.0.0/0:443 and [::/0]:443
          a.*.example        | "a.*.example" has its * in the wrong place: only *.NAME is a wildcard
          *a.example         | "*a.example" has its * in the wrong place: only *.NAME is a wildcard
          *.*.example        | "*.*.example" has its * in the wrong place: only *.NAME is a wildcard
          *.                 | "" is not a host name: write one such as packages.example.org
          10.0.5.7           | "10.0.5.7" has no port: add one, as in 10.0.5.7:443
          10.0.5.0/24        | "10.0.5.0/24" has no port: add one, as in 10.0.5.0/24:443
          10.0.5.1/24:22     | 10.0.5.1/24 has bits behind its prefix: write them as zero
          10.0.5.0/33:22     | a range of 10.0.5.0 has a prefix of 0 to 32, not 33
          10.0.5.0/+8:22     | "10.0.5.0/+8" is not an address or a range of addresses: write one such as 10.0.5.0/24 or 2001:db8::/32
          10.0.5.0/08:22     | "10.0.5.0/08" is not an address or a range of addresses: write one such as 10.0.5.0/24 or 2001:db8::/32
          010.0.5.7:22       | "010.0.5.7" is not an address or a range of addresses: write one such as 10.0.5.0/24 or 2001:db8::/32
          2130706433:80      | "2130706433" is not an address or a range of addresses: write one such as 10.0.5.0/24 or 2001:db8::/32
          0x7f000001:80      | "0x7f000001" is not a host name: write one such as packages.example.org
          300.0.0.1:80       | "300.0.0.1" is not an address or a range of addresses: write one such as 10.0.5.0/24 or 2001:db8::/32
          1.2.3:80           | "1.2.3" is not an address or a range of addresses: write one such as 10.0.5.0/24 or 2001:db8::/32
          2001:db8::1:443    | "2001:db8::1:443" has an IPv6 address without brackets: write one such as [2001:db8::1]:443
          [2001:db8::1]      | "[2001:db8::1]" has no port: add one, as in [2001:db8::1]:443
          [2001:db8::1]/64:443 | "[2001:db8::1]/64:443" has an IPv6 address without brackets: write one such as [2001:db8::1]:443
          [2001:db8::g]:443  | "2001:db8::g" is not an address or a range of addresses: write one such as 10.0.5.0/24 or 2001:db8::/32
          [fe80::1%eth0]:443 | "fe80::1%eth0" is not an address or a range of addresses: write one such as 10.0.5.0/24 or 2001:db8::/32
          [::ffff:10.0.0.1]:443 | "[::ffff:10.0.0.1]:443" is an IPv4 address in IPv6 form: write it as an IPv4 address
          127.0.0.1:80       | "127.0.0.1:80" can't be reached from a sandbox: loopback, link-local IPv6, multicast and unspecified addresses are no other host's; delete it
          0.0.0.0:80         | "0.0.0.0:80" can't be reached from a sandbox: loopback, link-local IPv6, multicast and unspecified addresses are no other host's; delete it
          224.0.0.251:5353/udp | "224.0.0.251:5353/udp" can't be reached from a sandbox: loopback, link-local IPv6, multicast and unspecified addresses are no other host's; delete it
          255.255.255.255:67/udp | "255.255.255.255:67/udp" can't be reached from a sandbox: loopback, link-local IPv6, multicast and unspecified addresses are no other host's; delete it
          [::1]:80           | "[::1]:80" can't be reached from a sandbox: loopback, link-local IPv6, multicast and unspecified addresses are no other host's; delete it
          [::]:80            | "[::]:80" can't be reached from a sandbox: loopback, link-local IPv6, multicast and unspecified addresses are no other host's; delete it
          [fe80::1]:80       | "[fe80::1]:80" can't be reached from a sandbox: loopback, link-local IPv6, multicast and unspecified addresses are no other host's; delete it
          [ff02::1]:80       | "[ff02::1]:80" can't be reached from a sandbox: loopback, link-local IPv6, multicast and unspecified addresses are no other host's; delete it
          @                  | "@" is not a group's name: write @ and lower-case letters, digits and '-'
          @GitHub            | "@GitHub" is not a group's name: write @ and lower-case letters, digits and '-'
          @github:443        | "@github:443" has a port, but a group's hosts have their own: write the group alone
          """)
  void refusesWithCauseAndRemedy(String text, String message) {
    assertThatThrownBy(() -> EgressRule.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @Test
  void escapesWhatItShows() {
    assertThatThrownBy(() -> EgressRule.parse("a\u001b(2J\n:443"))
        .hasMessageStartingWith("\"a\\u001b(2J\\n\" is not");
  }

  @ParameterizedTest
  @CsvSource({"a.example", "*.a.example:443", "@github"})
  void takesEveryTermWhereTheGateLooks(String text) {
    for (Terms terms : new Terms[] {WITHOUT_SNI, ENCRYPTED, UPLOAD}) {
      EgressRule rule = EgressRule.parse(text).on(terms);
      assertThat(rule.terms()).isEqualTo(terms);
      assertThat(rule.text()).isEqualTo(text);
      assertThat(rule.meaning()).isEqualTo(EgressRule.parse(text).meaning());
    }
  }

  @ParameterizedTest
  @CsvSource({"a.example:8443", "a.example:443/udp", "a.example:443-444", "10.0.0.1:443"})
  void refusesTermsOfTheGateWhereItDoesNotLook(String text) {
    EgressRule rule = EgressRule.parse(text);
    assertThat(rule.on(UPLOAD).terms()).isEqualTo(UPLOAD);
    assertThatThrownBy(() -> rule.on(WITHOUT_SNI))
        .hasMessage(
            "without-sni is for rules by name on TCP port 443, where the TLS gate looks; delete it");
    assertThatThrownBy(() -> rule.on(ENCRYPTED))
        .hasMessage(
            "encrypted-hello is for rules by name on TCP port 443, where the TLS gate looks; delete"
                + " it");
  }

  @Test
  void carriesOnlyTermsThatMakeSense() {
    Terms all = new Terms(UPLOAD.maxUpload(), true, true);
    assertThat(EgressRule.parse("a.example").carrying("@g", all).terms()).isEqualTo(all);
    assertThat(EgressRule.parse("a.example:22").carrying("@g", all).terms()).isEqualTo(UPLOAD);
    assertThat(EgressRule.parse("10.0.0.1:443").carrying("@g", all).terms()).isEqualTo(UPLOAD);
    assertThat(EgressRule.parse("a.example").carrying("@g", all).text()).isEqualTo("@g");
  }
}
