package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Mayfly changes on a host, and that it takes all of it back. */
class HostNetworkIT {
  private static final String CONNECTED = "CONNECTED hello";
  private static final Pattern SETTINGS =
      Pattern.compile(
          "\\.(ip_forward|forwarding|accept_ra|accept_redirects|disable_ipv6|arp_ignore|autoconf) = ");

  private NetworkBed bed;
  private Path state;

  @BeforeEach
  void start(@TempDir Path directory) {
    state = directory.resolve("network");
    bed = new NetworkBed(state);
  }

  @AfterEach
  void stop() {
    bed.close();
    assertThat(state).doesNotExist();
  }

  /** All that Mayfly could have changed. */
  private String snapshot() {
    return bed.host
            .run("sysctl", "-a", "--ignore")
            .lines()
            .filter(line -> SETTINGS.matcher(line).find())
            .sorted()
            .collect(Collectors.joining("\n"))
        + List.of(
                List.of("nft", "list", "ruleset"),
                List.of("ip", "-o", "link"),
                List.of("ip", "-o", "address"),
                List.of("ip", "route", "show", "table", "all"),
                List.of("ip", "-6", "route", "show", "table", "all"),
                List.of("ip", "neigh", "show", "nud", "permanent"))
            .stream()
            .map(command -> bed.host.run(command.toArray(String[]::new)))
            .collect(Collectors.joining("\n--\n"))
            .replaceAll("valid_lft.*|packets [0-9]+ bytes [0-9]+", "");
  }

  private static String setting(Netns where, String name) {
    return where.run("sysctl", "-n", name);
  }

  @Test
  void leavesTheHostAsItWasBeforeWhenTheLastOneGoes() throws Exception {
    bed.host.run("sysctl", "-w", "net.ipv4.conf.all.accept_redirects=0");
    String before = snapshot();
    assertThat(setting(bed.host, "net.ipv6.conf.up0.accept_ra")).isEqualTo("1");
    NetworkBed.Supervisor one = bed.supervisor("onesuper", "PT30S").ready();
    NetworkBed.Supervisor two = bed.supervisor("twosuper", "PT30S").ready();
    assertThat(setting(bed.host, "net.ipv4.ip_forward")).isEqualTo("1");
    assertThat(setting(bed.host, "net.ipv6.conf.all.forwarding")).isEqualTo("1");
    assertThat(setting(bed.host, "net.ipv6.conf.up0.accept_ra")).isEqualTo("2");
    Netns first = bed.sandbox();
    Netns second = bed.sandbox();
    one.ask("attach onesuper-1 " + first.pid() + " HTTPS");
    two.ask("attach twosuper-1 " + second.pid() + " HTTPS");
    assertThat(NetworkBed.probe(first, "tcp", NetworkBed.WORLD4, "443")).isEqualTo(CONNECTED);
    one.ask("detach onesuper-1");
    assertThat(first.run("ip", "-br", "link")).doesNotContain("eth0");
    one.ask("close");
    assertThat(NetworkBed.probe(second, "tcp", NetworkBed.WORLD4, "443")).isEqualTo(CONNECTED);
    assertThat(NetworkBed.probe(second, "tcp", NetworkBed.WORLD6, "443")).isEqualTo(CONNECTED);
    two.ask("detach twosuper-1");
    two.ask("close");
    assertThat(snapshot()).isEqualTo(before);
    assertThat(Files.exists(state)).isFalse();
  }

  @Test
  void doesNotMakeTheHostARouter() {
    assertThat(NetworkBed.probe(bed.lan, "tcp", NetworkBed.WORLD4, "443", "1"))
        .isEqualTo("TIMEOUT");
    NetworkBed.Supervisor supervisor = bed.supervisor("onesuper", "PT30S").ready();
    Netns sandbox = bed.sandbox();
    supervisor.ask("attach onesuper-1 " + sandbox.pid() + " HTTPS");
    assertThat(NetworkBed.probe(sandbox, "tcp", NetworkBed.WORLD4, "443")).isEqualTo(CONNECTED);
    for (String host : List.of(NetworkBed.WORLD4, NetworkBed.WORLD6)) {
      assertThat(NetworkBed.probe(bed.lan, "tcp", host, "443", "1")).isEqualTo("TIMEOUT");
      assertThat(NetworkBed.probe(bed.lan, "udp", host, "443", "x", "1")).isEqualTo("TIMEOUT");
    }
    supervisor.ask("detach onesuper-1");
    supervisor.ask("close");
  }

  @Test
  void letsTheHostGoOnRoutingWhereItIsARouter() {
    bed.host.run("sysctl", "-w", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1");
    NetworkBed.Supervisor supervisor = bed.supervisor("onesuper", "PT30S").ready();
    for (String host : List.of(NetworkBed.WORLD4, NetworkBed.WORLD6)) {
      assertThat(NetworkBed.probe(bed.lan, "tcp", host, "443")).isEqualTo(CONNECTED);
    }
    supervisor.ask("close");
    assertThat(setting(bed.host, "net.ipv4.ip_forward")).isEqualTo("1");
    assertThat(setting(bed.host, "net.ipv6.conf.all.forwarding")).isEqualTo("1");
  }

  @Test
  void passesDockersFirewallByItsOwnChainAndClearsItAgain() {
    for (String program : List.of("iptables", "ip6tables")) {
      bed.host.run(program, "-P", "FORWARD", "DROP");
      bed.host.run(program, "-N", "DOCKER-USER");
      bed.host.run(program, "-A", "DOCKER-USER", "-j", "RETURN");
      bed.host.run(program, "-A", "FORWARD", "-j", "DOCKER-USER");
    }
    String before = snapshot();
    NetworkBed.Supervisor supervisor = bed.supervisor("onesuper", "PT30S").ready();
    Netns sandbox = bed.sandbox();
    supervisor.ask("attach onesuper-1 " + sandbox.pid() + " HTTPS");
    for (String host : List.of(NetworkBed.WORLD4, NetworkBed.WORLD6)) {
      assertThat(NetworkBed.probe(sandbox, "tcp", host, "443")).isEqualTo(CONNECTED);
      assertThat(NetworkBed.probe(sandbox, "tcp", host, "80")).isEqualTo("ECONNREFUSED");
    }
    assertThat(supervisor.ask("firewall"))
        .contains("iptables -A DOCKER-USER -i mfy+", "ip6tables -A DOCKER-USER -i mfy+")
        .endsWith(" []");
    // Without the entries the firewall swallows what Mayfly lets through.
    bed.host.run("iptables", "-F", "DOCKER-USER");
    assertThat(NetworkBed.probe(sandbox, "tcp", NetworkBed.WORLD4, "443", "1"))
        .isEqualTo("TIMEOUT");
    bed.host.run("iptables", "-A", "DOCKER-USER", "-j", "RETURN");
    supervisor.ask("detach onesuper-1");
    supervisor.ask("close");
    assertThat(snapshot()).isEqualTo(before);
  }

  @Test
  void tellsOfAFirewallThatItHasNoEntryFor() {
    bed.host.run("nft", "add table inet own");
    bed.host.run(
        "nft", "add chain inet own strict { type filter hook forward priority 5; policy drop; }");
    NetworkBed.Supervisor supervisor = bed.supervisor("onesuper", "PT30S").ready();
    assertThat(supervisor.ask("firewall")).isEqualTo("[] [inet own strict]");
    supervisor.ask("close");
  }

  @Test
  void refusesANetworkThatTheHostHasARouteTo() {
    bed.host.run("ip", "route", "add", "198.18.0.0/15", "via", NetworkBed.WORLD4);
    String before = snapshot();
    assertThat(bed.supervisor("onesuper", "PT30S").answer())
        .startsWith("error sandboxes are to be in 198.19.0.0/16")
        .contains("route to 198.18.0.0/15");
    assertThat(snapshot()).isEqualTo(before);
    bed.host.run("ip", "route", "delete", "198.18.0.0/15");
    NetworkBed.Supervisor supervisor = bed.supervisor("onesuper", "PT30S").ready();
    supervisor.ask("close");
  }

  @Test
  void refusesToAttachANameSpaceThatHasANetworkOrIsTheHosts() {
    NetworkBed.Supervisor supervisor = bed.supervisor("onesuper", "PT30S").ready();
    for (Netns wrong : List.of(bed.lan, bed.host)) {
      supervisor.say("attach onesuper-1 " + wrong.pid() + " HTTPS");
      assertThat(supervisor.answer()).startsWith("error java.io.IOException: the sandbox has");
    }
    assertThat(bed.host.run("ip", "-br", "link")).doesNotContain("mfy0", "mfyf");
    supervisor.ask("close");
  }

  @Test
  void givesANumberAgainOnlyAfterOthers() {
    NetworkBed.Supervisor supervisor = bed.supervisor("onesuper", "PT30S").ready();
    Netns sandbox = bed.sandbox();
    String first = supervisor.ask("attach onesuper-1 " + sandbox.pid() + " HTTPS");
    supervisor.ask("detach onesuper-1");
    String second = supervisor.ask("attach onesuper-2 " + sandbox.pid() + " HTTPS");
    assertThat(second).isNotEqualTo(first);
    supervisor.ask("detach onesuper-2");
    supervisor.ask("close");
  }

  @Test
  void forgetsTheConnectionsOfASandboxThatLeft() {
    NetworkBed.Supervisor supervisor = bed.supervisor("onesuper", "PT30S").ready();
    Netns sandbox = bed.sandbox();
    String address = supervisor.ask("attach onesuper-1 " + sandbox.pid() + " HTTPS").split(" ")[1];
    NetworkBed.Talk talk = bed.talk(sandbox, "hold", NetworkBed.WORLD4, "443");
    assertThat(talk.next()).isEqualTo(CONNECTED);
    assertThat(bed.host.run("cat", "/proc/net/nf_conntrack")).contains("src=" + address + " ");
    supervisor.ask("detach onesuper-1");
    assertThat(bed.host.run("cat", "/proc/net/nf_conntrack"))
        .doesNotContain("src=" + address + " ");
    supervisor.ask("close");
  }
}
