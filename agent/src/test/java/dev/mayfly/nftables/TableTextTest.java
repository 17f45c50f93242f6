package dev.mayfly.nftables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TableTextTest {
  private static final Layout LAYOUT =
      new Layout(
          block("198.19.0.0", 16),
          block("fd6d:6179:666c:1::", 64),
          ip("198.19.0.1"),
          ip("fd6d:6179:666c:1::1"));
  private static final SupervisorChains CHAINS = new SupervisorChains("abcdefgh");

  private static InetAddress ip(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Block block(String first, int prefix) {
    return new Block(ip(first), prefix);
  }

  private static Arming arming() {
    return new Arming(
        "mfy02a",
        "abcdefgh-7",
        (Inet4Address) ip("198.19.0.42"),
        (Inet6Address) ip("fd6d:6179:666c:1::2a"),
        "abcdefgh",
        3,
        List.of(
            new InetSocketAddress(ip("198.19.0.1"), 5301),
            new InetSocketAddress(ip("fd6d:6179:666c:1::1"), 5302)),
        Map.of(2, 1000L));
  }

  @Test
  void tellsLayoutsApartByTheirText() {
    Layout other =
        new Layout(
            block("198.18.0.0", 16), LAYOUT.network6(), LAYOUT.gateway4(), LAYOUT.gateway6());
    assertThat(LAYOUT.marker()).matches("layout_[0-9a-f]{12}").isNotEqualTo(other.marker());
    assertThat(LAYOUT.text())
        .startsWith("create table inet mayfly\n")
        .contains("chain " + LAYOUT.marker() + " { }")
        .contains("ip saddr 198.19.0.0/16 oifname != \"mfy*\" masquerade")
        .doesNotContain("GATEWAY", "NETWORK", "DEV");
  }

  @Test
  void refusesWithoutASignOfLifeBeforeAnythingElse() {
    String text =
        CHAINS.addClass(
            1,
            new ClassRules(
                List.of(new Reach(block("10.0.5.0", 24), "tcp", 5432, 5432, 1)),
                List.of(block("10.0.0.0", 8), block("fc00::", 7)),
                List.of(new Reach(block("::", 0), "udp", 1000, 2000, 2)),
                false));
    assertThat(text.lines().map(String::strip))
        .containsExactly(
            "table inet mayfly {",
            "chain class_abcdefgh_1 {",
            "meta nfproto != @alive_abcdefgh goto late_abcdefgh",
            "oifname \"mfy*\" goto refuse_abcdefgh",
            "ct mark set iifname . ip daddr . meta l4proto . th dport map @open4 goto"
                + " allowed_abcdefgh",
            "ct mark set iifname . ip6 daddr . meta l4proto . th dport map @open6 goto"
                + " allowed_abcdefgh",
            "ip daddr 10.0.5.0/24 tcp dport 5432 ct mark set 1 goto allowed_abcdefgh",
            "ip daddr { 10.0.0.0/8 } goto refuse_abcdefgh",
            "ip6 daddr { fc00:0:0:0:0:0:0:0/7 } goto refuse_abcdefgh",
            "meta nfproto ipv6 udp dport 1000-2000 ct mark set 2 goto allowed_abcdefgh",
            "goto refuse_abcdefgh",
            "}",
            "}");
  }

  @Test
  void recordsWhatNothingElseDecidesInModeAudit() {
    assertThat(CHAINS.addClass(1, new ClassRules(List.of(), List.of(), List.of(), true)))
        .contains("    goto recorded_abcdefgh\n    goto refuse_abcdefgh\n");
  }

  @Test
  void logsToTheSupervisorsOwnGroup() {
    String text = CHAINS.add(LAYOUT, 4711);
    assertThat(text.lines().filter(line -> line.contains("log prefix")))
        .hasSize(LogPrefix.values().length)
        .allMatch(line -> line.contains(" group 4711 snaplen 128 "));
    for (LogPrefix prefix : LogPrefix.values()) {
      assertThat(text).contains("log prefix \"" + prefix.word() + "\"");
      assertThat(LogPrefix.of(prefix.word())).contains(prefix);
    }
  }

  @Test
  void renewsTheSignOfLifeWhetherItIsThereOrNot() {
    assertThat(CHAINS.beat(Duration.ofMillis(2500)))
        .isEqualTo(
            """
            add element inet mayfly alive_abcdefgh { ipv4, ipv6 }
            delete element inet mayfly alive_abcdefgh { ipv4, ipv6 }
            add element inet mayfly alive_abcdefgh { ipv4 timeout 3s, ipv6 timeout 3s }
            """);
  }

  @Test
  void armsAndDisarmsTheSameElements() {
    String arm = Elements.arm(arming());
    assertThat(arm)
        .contains("add quota inet mayfly budget_mfy02a_2 { over 1000 bytes }")
        .contains(
            "add element inet mayfly budgets { \"mfy02a\" . 2 comment \"abcdefgh-7\" :"
                + " \"budget_mfy02a_2\" }")
        .contains(
            "create element inet mayfly links4 { \"mfy02a\" . 198.19.0.42 comment \"abcdefgh-7\" }")
        .contains(
            "add element inet mayfly resolver6 { \"mfy02a\" comment \"abcdefgh-7\" :"
                + " fd6d:6179:666c:1:0:0:0:1 . 5302 }")
        .contains(
            "add element inet mayfly sandboxes { \"mfy02a\" comment \"abcdefgh-7\" : goto"
                + " class_abcdefgh_3 }");
    assertThat(sets(Elements.disarm(arming()), "delete element"))
        .containsExactlyInAnyOrderElementsOf(
            sets(arm.replace("create element", "add element"), "add element"));
  }

  private static List<String> sets(String text, String verb) {
    return text.lines()
        .filter(line -> line.startsWith(verb))
        .map(line -> line.split(" ")[4])
        .toList();
  }

  @Test
  void replacesAPinholeByWhatItWasBefore() {
    Pinhole before =
        new Pinhole(ip("203.0.113.5"), "tcp", 22, 1, Duration.ofSeconds(30), Optional.empty());
    Pinhole after =
        new Pinhole(ip("203.0.113.5"), "tcp", 22, 2, Duration.ofSeconds(60), Optional.empty());
    assertThat(Elements.open("mfy02a", List.of(new Pinhole.Change(after, Optional.of(before)))))
        .isEqualTo(
            """
            add element inet mayfly open4 { "mfy02a" . 203.0.113.5 . tcp . 22 : 1 }
            delete element inet mayfly open4 { "mfy02a" . 203.0.113.5 . tcp . 22 }
            add element inet mayfly open4 { "mfy02a" . 203.0.113.5 . tcp . 22 timeout 60s : 2 }
            """);
  }

  @Test
  void opensAGatedPinholeByTwoElements() {
    Pinhole gated =
        new Pinhole(
            ip("2001:db8::5"),
            "tcp",
            443,
            1,
            Duration.ofSeconds(30),
            Optional.of(new InetSocketAddress(ip("fd6d:6179:666c:1::1"), 7443)));
    assertThat(Elements.open("mfy02a", List.of(new Pinhole.Change(gated, Optional.empty()))))
        .contains(
            "add element inet mayfly gated6 { \"mfy02a\" . 2001:db8:0:0:0:0:0:5 . 443 timeout 30s"
                + " : 1 }")
        .contains(
            "add element inet mayfly gate6 { \"mfy02a\" . 2001:db8:0:0:0:0:0:5 . 443 timeout 30s :"
                + " fd6d:6179:666c:1:0:0:0:1 . 7443 }")
        .doesNotContain("open6");
  }

  @Test
  void takesNoNameThatCouldBeACommand() {
    assertThatThrownBy(() -> Elements.quote("x\" } ; flush ruleset"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SupervisorChains("a b"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void roundsTimesUpAndNeverToForever() {
    assertThat(Elements.time(Duration.ZERO)).isEqualTo("1s");
    assertThat(Elements.time(Duration.ofMillis(1001))).isEqualTo("2s");
  }
}
