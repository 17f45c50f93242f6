package dev.mayfly.cli;

import static dev.mayfly.cli.Diagnosis.missing;
import static dev.mayfly.cli.Diagnosis.ok;
import static dev.mayfly.cli.Diagnosis.weak;

import dev.mayfly.config.MayflyConfig;
import dev.mayfly.egress.Egress;
import dev.mayfly.egress.EgressGroups;
import dev.mayfly.egress.HostRegistries;
import dev.mayfly.egress.Resolver;
import dev.mayfly.policy.EgressMode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Looks whether sandboxes can be put on the network, by making it and taking it away again. */
final class NetworkDoctor {
  private final MayflyConfig config;

  NetworkDoctor(MayflyConfig config) {
    this.config = config;
  }

  List<Diagnosis> examine() {
    boolean needed =
        config.policies().stream().anyMatch(policy -> policy.egress().mode() != EgressMode.NONE);
    if (!needed) {
      return List.of(ok("network", "no policy gives one"));
    }
    List<Diagnosis> found = new ArrayList<>();
    found.add(dnsServers());
    String supervisor = "check" + ProcessHandle.current().pid();
    try (Egress egress =
        new Egress(
            supervisor,
            new Egress.Settings(
                Host.networkPlan(config),
                config.network().dnsServers(),
                EgressGroups.of(Map.of(), HostRegistries.Reading.NOTHING)))) {
      List<String> entries = egress.firewallEntries();
      List<String> obstacles = egress.obstacles();
      found.add(ok("network", "sandboxes can be in " + config.network().subnet()));
      found.add(
          obstacles.isEmpty()
              ? ok(
                  "host's firewall",
                  entries.isEmpty()
                      ? "drops nothing of sandboxes"
                      : "lets sandboxes through by entries of Mayfly's: "
                          + String.join("; ", entries))
              : weak(
                  "host's firewall",
                  "drops what it does not accept, in " + String.join(", ", obstacles),
                  "connections of sandboxes may end in time-outs",
                  "accept what comes from and goes to devices named mfy* there"));
    } catch (IOException e) {
      found.add(
          missing(
              "network",
              String.valueOf(e.getMessage()),
              "jobs whose policy gives a network are refused",
              "do what the line above says; or egress: {mode: none} in every policy"));
    }
    return found;
  }

  private Diagnosis dnsServers() {
    try {
      List<InetSocketAddress> servers =
          config.network().dnsServers().isEmpty()
              ? Resolver.hostUpstreams()
              : config.network().dnsServers();
      return ok(
          "DNS servers",
          servers.stream()
              .map(server -> server.getAddress().getHostAddress())
              .collect(Collectors.joining(", ")));
    } catch (IOException e) {
      return missing(
          "DNS servers",
          String.valueOf(e.getMessage()),
          "jobs whose policy gives a network are refused",
          "name them in network.dns-servers of the configuration");
    }
  }
}
