package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel lets out of a sandbox, tried from within. Each denial has its control. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PacketLayerIT {
  private static final String REFUSED =
      "refuse=10.0.0.0/8 refuse=169.254.0.0/16 refuse=fc00::/7 refuse=224.0.0.0/4 refuse=ff00::/8";
  private static final String REFUSED_TCP = "ECONNREFUSED";
  private static final String REFUSED_IPV4 = "EHOSTUNREACH";
  private static final String REFUSED_IPV6 = "EACCES";
  private static final String CONNECTED = "CONNECTED hello";
  private static final String ANSWERED = "ANSWERED question";

  private final List<String> attached = new ArrayList<>();
  private NetworkBed bed;
  private NetworkBed.Supervisor supervisor;
  private int last;

  /** A sandbox on the network. */
  private record Box(String id, Netns inside, String device, String ipv4, String ipv6) {
    String probe(String... attempt) {
      return NetworkBed.probe(inside, attempt);
    }
  }

  @BeforeAll
  void start(@TempDir Path state) {
    bed = new NetworkBed(state.resolve("network"));
    supervisor = bed.supervisor("abcdefgh", "PT30S").ready();
  }

  @AfterAll
  void stop() {
    try (NetworkBed all = bed) {
      assertThat(supervisor.ask("close")).isEqualTo("closed");
      assertThat(all.host.run("nft", "list", "ruleset")).isEmpty();
      assertThat(all.host.run("ip", "-br", "link")).doesNotContain("mfy");
    }
  }

  @AfterEach
  void detach() {
    for (String id : attached) {
      supervisor.ask("detach " + id);
    }
    attached.clear();
    assertThat(bed.host.run("ip", "-br", "link")).doesNotContain("mfy0", "mfyf");
    assertThat(bed.host.run("nft", "list", "map", "inet", "mayfly", "sandboxes"))
        .doesNotContain("elements");
    assertThat(bed.host.run("nft", "list", "map", "inet", "mayfly", "open4"))
        .doesNotContain("elements");
  }

  private Box attach(String mode, String... rules) {
    Netns inside = bed.sandbox();
    String id = "abcdefgh-" + ++last;
    String[] words =
        supervisor
            .ask(
                "attach %s %d %s %s %s"
                    .formatted(id, inside.pid(), mode, String.join(" ", rules), REFUSED)
                    .replaceAll(" +", " "))
            .split(" ");
    attached.add(id);
    return new Box(id, inside, words[0], words[1], words[2]);
  }

  @Test
  void refusesAllButTcp443InModeHttps() {
    Box box = attach("HTTPS");
    for (String host : List.of(NetworkBed.WORLD4, NetworkBed.WORLD6)) {
      boolean ipv4 = !host.contains(":");
      assertThat(box.probe("tcp", host, "443")).isEqualTo(CONNECTED);
      assertThat(box.probe("tcp", host, "80")).isEqualTo(REFUSED_TCP);
      assertThat(box.probe("udp", host, "443")).isEqualTo(ipv4 ? REFUSED_IPV4 : REFUSED_IPV6);
      assertThat(box.probe("udp", host, "53")).isEqualTo(ipv4 ? REFUSED_IPV4 : REFUSED_IPV6);
      assertThat(box.probe("tcp", host, "53")).isEqualTo(REFUSED_TCP);
      assertThat(box.probe("tcp", host, "853")).isEqualTo(REFUSED_TCP);
      assertThat(box.probe("ping", host)).isEqualTo(ipv4 ? REFUSED_IPV4 : REFUSED_IPV6);
      assertThat(box.probe("protocol", "132", host)).isEqualTo(ipv4 ? REFUSED_IPV4 : REFUSED_IPV6);
    }
    supervisor.awaitEvent(box.id(), "Allowed", "protocol=tcp", "port=OptionalInt[443]");
    supervisor.awaitEvent(box.id(), "Refused", "protocol=tcp", "203.0.113.2", "[80]", "no rule");
    supervisor.awaitEvent(box.id(), "Refused", "protocol=udp", "[443]", "QUIC");
    supervisor.awaitEvent(box.id(), "Refused", "protocol=udp", "[53]", "a DNS server other");
    supervisor.awaitEvent(box.id(), "Refused", "protocol=tcp", "[853]", "DNS over TLS");
    supervisor.awaitEvent(box.id(), "Refused", "protocol=icmp,", "protocol icmp");
    supervisor.awaitEvent(box.id(), "Refused", "protocol=sctp");
    supervisor.awaitEvent(box.id(), "Refused", "protocol=icmpv6", "2001:db8:1");
  }

  @Test
  void letsEverythingButRefusedRangesThroughInModeAudit() {
    Box box = attach("AUDIT");
    for (String host : List.of(NetworkBed.WORLD4, NetworkBed.WORLD6)) {
      assertThat(box.probe("tcp", host, "80")).isEqualTo(CONNECTED);
      assertThat(box.probe("udp", host, "443")).isEqualTo(ANSWERED);
      assertThat(box.probe("udp", host, "53")).isEqualTo(ANSWERED);
      assertThat(box.probe("ping", host)).isEqualTo("ANSWERED");
    }
    assertThat(box.probe("tcp", NetworkBed.METADATA4, "80")).isEqualTo(REFUSED_TCP);
    assertThat(box.probe("tcp", NetworkBed.PRIVATE4, "80")).isEqualTo(REFUSED_TCP);
    supervisor.awaitEvent(box.id(), "Allowed", "[80]", "byRule=false");
    supervisor.awaitEvent(box.id(), "Allowed", "protocol=icmp,");
    supervisor.awaitEvent(box.id(), "Refused", "refused range 169.254.0.0/16");
    supervisor.awaitEvent(box.id(), "Refused", "refused range 10.0.0.0/8");
  }

  @Test
  void refusesMetadataEvenOn443UnlessARuleNamesIt() {
    Box strict = attach("HTTPS");
    Box broad = attach("HTTPS", "allow=0.0.0.0/0,TCP,80", "allow=::/0,TCP,80");
    Box named =
        attach(
            "HTTPS",
            "allow=169.254.169.254,TCP,443",
            "allow=fd00:ec2::254,TCP,443",
            "allow=10.0.5.0/24,TCP,5432");
    for (String metadata : List.of(NetworkBed.METADATA4, NetworkBed.METADATA6)) {
      assertThat(strict.probe("tcp", metadata, "443")).isEqualTo(REFUSED_TCP);
      assertThat(broad.probe("tcp", metadata, "80")).isEqualTo(REFUSED_TCP);
      assertThat(named.probe("tcp", metadata, "443")).isEqualTo(CONNECTED);
      assertThat(named.probe("tcp", metadata, "80")).isEqualTo(REFUSED_TCP);
    }
    assertThat(broad.probe("tcp", NetworkBed.WORLD4, "80")).isEqualTo(CONNECTED);
    assertThat(broad.probe("tcp", NetworkBed.WORLD6, "80")).isEqualTo(CONNECTED);
    assertThat(named.probe("tcp", NetworkBed.PRIVATE4, "5432")).isEqualTo(CONNECTED);
    assertThat(named.probe("tcp", NetworkBed.PRIVATE4, "80")).isEqualTo(REFUSED_TCP);
    supervisor.awaitEvent(strict.id(), "Refused", "169.254.169.254", "suggestion=Optional.empty");
  }

  @Test
  void opensForOneSandboxAndOnePortUntilTheTimeIsOver() {
    Box box = attach("ALLOWLIST");
    Box other = attach("ALLOWLIST");
    for (String host : List.of(NetworkBed.WORLD4, NetworkBed.WORLD6)) {
      assertThat(box.probe("tcp", host, "443")).isEqualTo(REFUSED_TCP);
      supervisor.ask("open %s %s TCP 443 1 600 false".formatted(box.id(), host));
      // Once more, for another rule.
      supervisor.ask("open %s %s TCP 443 2 600 false".formatted(box.id(), host));
      assertThat(box.probe("tcp", host, "443")).isEqualTo(CONNECTED);
      assertThat(box.probe("udp", host, "443")).startsWith("E");
      assertThat(box.probe("tcp", host, "80")).isEqualTo(REFUSED_TCP);
      assertThat(other.probe("tcp", host, "443")).isEqualTo(REFUSED_TCP);
    }
    try (NetworkBed.Talk talk = bed.talk(box.inside(), "hold", NetworkBed.WORLD4, "443")) {
      assertThat(talk.next()).isEqualTo(CONNECTED);
      supervisor.ask("open %s %s TCP 443 1 1 false".formatted(box.id(), NetworkBed.WORLD4));
      assertThat(NetworkBed.probeUntilNot(CONNECTED, box.inside(), "tcp", NetworkBed.WORLD4, "443"))
          .isEqualTo(REFUSED_TCP);
      talk.say("still here");
      assertThat(talk.next()).isEqualTo("ANSWERED still here");
    }
    // What has run out is opened again.
    supervisor.ask("open %s %s TCP 443 1 600 false".formatted(box.id(), NetworkBed.WORLD4));
    assertThat(box.probe("tcp", NetworkBed.WORLD4, "443")).isEqualTo(CONNECTED);
  }

  @Test
  void sendsGatedConnectionsToTheGateAndQuestionsToTheResolver() {
    Box box = attach("ALLOWLIST");
    for (String host : List.of(NetworkBed.WORLD4, NetworkBed.WORLD6)) {
      supervisor.ask("open %s %s TCP 443 1 600 true".formatted(box.id(), host));
      assertThat(box.probe("tcp", host, "443")).isEqualTo("CONNECTED gate");
      assertThat(box.probe("tcp", host, "80")).isEqualTo(REFUSED_TCP);
    }
    for (String gateway : List.of("198.19.0.1", "fd6d:6179:666c:1::1")) {
      assertThat(box.probe("udp", gateway, "53")).isEqualTo("ANSWERED resolver");
      assertThat(box.probe("tcp", gateway, "53")).isEqualTo("CONNECTED resolver");
    }
  }

  @Test
  void refusesTheHostOnEveryPortAndAddress() {
    Box box = attach("AUDIT");
    List<String> listening = new ArrayList<>(bed.host.run("ss", "-Htln").lines().toList());
    assertThat(listening).isNotEmpty();
    for (String line : listening) {
      String local = line.split("\\s+")[3];
      String port = local.substring(local.lastIndexOf(':') + 1);
      String address = local.substring(0, local.lastIndexOf(':')).replaceAll("[\\[\\]]", "");
      // The control: the host itself reaches it.
      assertThat(NetworkBed.probe(bed.host, "tcp", address, port)).startsWith("CONNECTED");
      assertThat(box.probe("tcp", address, port)).isEqualTo(REFUSED_TCP);
    }
    for (String host : List.of(NetworkBed.HOST4, "198.51.100.1", "198.19.0.1")) {
      assertThat(box.probe("tcp", host, "22")).isEqualTo(REFUSED_TCP);
      assertThat(box.probe("udp", host, "123")).isEqualTo(REFUSED_IPV4);
      assertThat(box.probe("ping", host)).isEqualTo(REFUSED_IPV4);
    }
    for (String host : List.of(NetworkBed.HOST6, "2001:db8:2::1", "fd6d:6179:666c:1::1")) {
      assertThat(box.probe("udp", host, "123")).isEqualTo(REFUSED_IPV6);
      assertThat(box.probe("ping", host)).isEqualTo(REFUSED_IPV6);
    }
    supervisor.awaitEvent(box.id(), "Refused", NetworkBed.HOST4, "the host itself");
  }

  @Test
  void refusesOtherSandboxesInBothFamilies() {
    Box one = attach("AUDIT");
    Box two = attach("AUDIT", "allow=198.19.0.0/16,TCP,443");
    try (NetworkBed.Talk _ = bed.talk(one.inside(), "hold", NetworkBed.WORLD4, "80")) {
      assertThat(two.probe("ping", NetworkBed.WORLD4)).isEqualTo("ANSWERED");
      assertThat(two.probe("ping", one.ipv4())).isEqualTo(REFUSED_IPV4);
      assertThat(two.probe("ping", one.ipv6())).isEqualTo(REFUSED_IPV6);
      assertThat(two.probe("tcp", one.ipv4(), "443")).isEqualTo(REFUSED_TCP);
      assertThat(two.probe("tcp", one.ipv6(), "443")).isEqualTo(REFUSED_TCP);
    }
    supervisor.awaitEvent(two.id(), "Refused", one.ipv4(), "the network of the sandboxes");
    assertThat(two.probe("tcp", "198.19.255.200", "443")).isEqualTo("EHOSTUNREACH");
  }

  @Test
  void letsNobodyIntoASandbox() {
    Box box = attach("AUDIT");
    Process server = box.inside().start("python3", "src/test/resources/network/world.py", "8080");
    try {
      assertThat(server.inputReader().readLine()).isEqualTo("ready");
      assertThat(box.probe("tcp", "127.0.0.1", "8080")).isEqualTo(CONNECTED);
      for (String address : List.of(box.ipv4(), box.ipv6())) {
        assertThat(NetworkBed.probe(bed.host, "udp", address, "8080", "x", "1"))
            .isIn("EPERM", "TIMEOUT");
        assertThat(NetworkBed.probe(bed.host, "ping", address, "1")).isIn("EPERM", "TIMEOUT");
      }
      bed.world.run("ip", "route", "replace", box.ipv4() + "/32", "via", NetworkBed.HOST4);
      assertThat(NetworkBed.probe(bed.world, "udp", box.ipv4(), "8080", "x", "1"))
          .isEqualTo("TIMEOUT");
      bed.world.run("ip", "route", "delete", box.ipv4() + "/32");
    } catch (java.io.IOException e) {
      throw new AssertionError(e);
    } finally {
      server.destroyForcibly();
      server.onExit().join();
    }
  }

  @Test
  void dropsPacketsFromAddressesOfOthers() {
    Box box = attach("AUDIT");
    Box other = attach("AUDIT");
    bed.arrivedSoFar();
    box.probe("spoof", box.ipv4(), NetworkBed.WORLD4, "53", "own4");
    box.probe("spoof", other.ipv4(), NetworkBed.WORLD4, "53", "forged");
    box.probe("spoof", "192.0.2.9", NetworkBed.WORLD4, "53", "forged");
    box.probe("spoof", NetworkBed.HOST4, NetworkBed.WORLD4, "53", "forged");
    box.probe("spoof", box.ipv6(), NetworkBed.WORLD6, "53", "own6");
    box.probe("spoof", other.ipv6(), NetworkBed.WORLD6, "53", "forged");
    box.probe("spoof", "2001:db8:9::9", NetworkBed.WORLD6, "53", "forged");
    assertThat(box.probe("udp", NetworkBed.WORLD4, "53", "last")).isEqualTo("ANSWERED last");
    List<String> arrived = new ArrayList<>();
    bed.awaitArrival(
        line -> {
          arrived.add(line);
          return line.endsWith(" last");
        });
    assertThat(arrived)
        .anyMatch(line -> line.endsWith(" own4"))
        .anyMatch(line -> line.endsWith(" own6"))
        .noneMatch(line -> line.contains("forged"));
    supervisor.awaitEvent(box.id(), "Refused", "spoofed source address " + other.ipv4());
  }

  @Test
  void cutsAConnectionWhoseRuleHasNoBudgetLeft() {
    Box box =
        attach("ALLOWLIST", "allow=203.0.113.0/24,TCP,443,200KiB", "allow=203.0.113.0/24,TCP,80");
    assertThat(box.probe("upload", NetworkBed.WORLD4, "80", "2000000")).isEqualTo("SENT");
    assertThat(box.probe("upload", NetworkBed.WORLD4, "443", "2000000"))
        .isIn("ECONNRESET", "EPIPE", "ECONNREFUSED");
    assertThat(box.probe("tcp", NetworkBed.WORLD4, "80")).isEqualTo(CONNECTED);
    supervisor.awaitEvent(box.id(), "Refused", "[443]", "max-upload");
    assertThat(supervisor.ask("counts " + box.id())).contains("sent={1=2");
  }

  @Test
  void takesNoNumberForWhichADeadSandboxStillHasRules() {
    Box first = attach("ALLOWLIST");
    String stale =
        "mfy%03x".formatted(Integer.parseInt(first.device().substring("mfy".length()), 16) + 1);
    String address = NetworkBed.after(first.ipv4());
    bed.host.run(
        "nft",
        "add element inet mayfly links4 { \"%s\" . %s comment \"deadaaaa-1\" }"
            .formatted(stale, address));

    Box second = attach("ALLOWLIST", "allow=203.0.113.0/24,TCP,80");

    assertThat(second.device()).isNotEqualTo(stale);
    assertThat(supervisor.ask("sweep " + first.id() + " " + second.id())).isEqualTo("[deadaaaa-1]");
    assertThat(second.probe("tcp", NetworkBed.WORLD4, "80")).isEqualTo(CONNECTED);
    assertThat(second.probe("tcp", NetworkBed.WORLD4, "443")).isEqualTo(REFUSED_TCP);
  }

  /** The kernel breaks a reading off when somebody changes the ruleset meanwhile. */
  @Test
  void countsWhileOthersChangeTheTable() {
    Box box = attach("HTTPS");
    String change =
        "for i in 1 2 3 4 5 6 7 8 9; do for what in add delete; do"
            + " nft $what element inet mayfly refused '{ \"other\" }' || exit; done; done";
    int counted = 0;
    for (int round = 0; round < 20; round++) {
      Process other = bed.host.start("sh", "-c", change);
      while (other.isAlive()) {
        assertThat(supervisor.ask("counts " + box.id())).startsWith("Counts[");
        counted++;
      }
      assertThat(other.onExit().join().exitValue()).isZero();
    }
    assertThat(counted).isGreaterThan(20);
  }

  /** They never belong to an established connection. */
  @Test
  void countsDatagramsThatNobodyAnswers() {
    Box box = attach("ALLOWLIST", "allow=203.0.113.0/24,UDP,1000-9000,20KiB");
    Box unbounded = attach("ALLOWLIST", "allow=203.0.113.0/24,UDP,1000-9000");
    for (Box one : List.of(box, unbounded)) {
      assertThat(one.probe("flood", NetworkBed.WORLD4, "3000")).isEqualTo("SENT");
    }
    supervisor.awaitEvent(box.id(), "Refused", "protocol=udp", "max-upload 20KiB reached");
    assertThat(supervisor.ask("counts " + unbounded.id())).contains("refused=999,");
  }

  @Test
  void boundsTheConnectionsThatOneSandboxHasAtOnce() {
    Box box = attach("AUDIT");
    Box other = attach("AUDIT");
    assertThat(box.probe("flood", NetworkBed.WORLD4, "7000")).isEqualTo("SENT");
    assertThat(supervisor.ask("counts " + box.id())).contains("refused=0,");
    assertThat(box.probe("flood", NetworkBed.WORLD6, "7000")).isEqualTo("SENT");
    supervisor.awaitEvent(box.id(), "Refused", "more than 8192 connections");
    assertThat(other.probe("udp", NetworkBed.WORLD4, "80")).isEqualTo("ANSWERED question");
  }

  @Test
  void countsAndTellsEachRefusedPacketByItsName() {
    Box box = attach("ALLOWLIST");
    supervisor.ask("resolved %s a.example %s".formatted(box.id(), NetworkBed.WORLD4));
    for (int i = 0; i < 3; i++) {
      assertThat(box.probe("tcp", NetworkBed.WORLD4, "80")).isEqualTo(REFUSED_TCP);
      supervisor.awaitEvent(
          box.id(), "Refused", "name=Optional[a.example]", "suggestion=Optional[a.example:80]");
    }
    assertThat(supervisor.ask("counts " + box.id())).contains("refused=3,", "untold=0");
    assertThat(supervisor.eventsSoFar()).noneMatch(line -> line.contains(box.id()));
  }

  @Test
  void keepsItsMemoryUnderAFloodAndStillTellsWhatElseIsTried() {
    Box box = attach("ALLOWLIST");
    long before = Long.parseLong(supervisor.ask("memory"));
    for (int i = 0; i < 4; i++) {
      assertThat(box.probe("flood", NetworkBed.WORLD4, "250000")).isEqualTo("SENT");
    }
    assertThat(Long.parseLong(supervisor.ask("memory"))).isLessThan(before + (20 << 10));
    String counts = supervisor.ask("counts " + box.id());
    assertThat(counts).containsPattern("refused=1?[0-9]{6},").doesNotContain("untold=0");
    supervisor.ask("detach " + box.id());
    attached.remove(box.id());
    supervisor.awaitEvent(box.id(), "Lost", "too many");
  }
}
