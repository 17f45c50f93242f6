package dev.mayfly.it;

import dev.mayfly.egress.ArmedSandboxes;
import dev.mayfly.egress.EgressNetwork;
import dev.mayfly.egress.EgressPlan;
import dev.mayfly.egress.Endpoints;
import dev.mayfly.egress.HostNetwork;
import dev.mayfly.egress.NetworkPlan;
import dev.mayfly.egress.Opening;
import dev.mayfly.egress.SandboxPort;
import dev.mayfly.policy.ByteSize;
import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.PortRange;
import dev.mayfly.policy.Transport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A supervisor's network, in a process and a name space of its own: does what each line of its
 * standard input says, and answers with a line. Beside, it prints a line for each event. Its
 * resolver and gate only say that they are there.
 */
final class NetworkChild {
  private final String supervisor;
  private final HostNetwork host;
  private final EgressNetwork network;
  private final Map<String, SandboxPort> ports = new HashMap<>();

  private NetworkChild(String supervisor, Path state, Duration alive) throws IOException {
    this.supervisor = supervisor;
    NetworkPlan plan =
        new NetworkPlan(NetworkPlan.DEFAULT.ipv4(), NetworkPlan.DEFAULT.ipv6(), state);
    this.host = HostNetwork.join(plan, supervisor, alive);
    Endpoints endpoints =
        new Endpoints(
            resolver(plan.gateway4()),
            resolver(plan.gateway6()),
            server(plan.gateway4(), "gate"),
            server(plan.gateway6(), "gate"));
    this.network = new EgressNetwork(host, endpoints, new ArmedSandboxes(), alive);
  }

  public static void main(String[] arguments) throws IOException {
    NetworkChild child;
    try {
      child = new NetworkChild(arguments[0], Path.of(arguments[1]), Duration.parse(arguments[2]));
    } catch (IOException e) {
      say("error " + e.getMessage());
      return;
    }
    say("ready");
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      try {
        say("ok " + child.take(List.of(line.split(" "))));
      } catch (IOException | RuntimeException e) {
        say("error " + e);
      }
      if (line.equals("close")) {
        return;
      }
    }
  }

  private static synchronized void say(String line) {
    System.out.println(line);
    System.out.flush();
  }

  private String take(List<String> words) throws IOException {
    return switch (words.getFirst()) {
      case "attach" -> attach(words);
      case "open" -> open(words);
      case "resolved" -> resolved(words);
      case "counts" -> port(words).counts().toString();
      case "detach" -> {
        SandboxPort port = port(words);
        port.detach();
        ports.remove(words.get(1));
        yield port.counts().toString();
      }
      case "sweep" -> {
        Set<String> alive = Set.copyOf(words.subList(1, words.size()));
        yield host.sweep(alive::contains, other -> other.equals(supervisor)).toString();
      }
      case "memory" -> {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        yield Long.toString((runtime.totalMemory() - runtime.freeMemory()) >> 10);
      }
      case "firewall" -> host.firewallEntries() + " " + host.obstacles();
      case "close" -> {
        network.close();
        host.close();
        yield "closed";
      }
      default -> throw new IOException("unknown: " + words);
    };
  }

  private SandboxPort port(List<String> words) throws IOException {
    return Optional.ofNullable(ports.get(words.get(1)))
        .orElseThrow(() -> new IOException("no sandbox " + words.get(1)));
  }

  /** {@code attach ID PID MODE [allow=RANGE,TRANSPORT,PORT[,MOST]]… [refuse=RANGE]…} */
  private String attach(List<String> words) throws IOException {
    List<EgressRule> rules = new ArrayList<>();
    List<IpRange> refused = new ArrayList<>();
    for (String word : words.subList(4, words.size())) {
      String value = word.substring(word.indexOf('=') + 1);
      if (word.startsWith("allow=")) {
        rules.add(rule(value));
      } else {
        refused.add(IpRange.parse(value));
      }
    }
    EgressPlan plan =
        new EgressPlan(
            EgressMode.valueOf(words.get(3)),
            rules,
            refused,
            false,
            EgressPolicy.RefusedNames.NXDOMAIN,
            EgressPlan.RefusedHosts.NONE);
    String id = words.get(1);
    SandboxPort port =
        network.attach(
            id,
            Long.parseLong(words.get(2)),
            plan,
            Set.of(),
            event -> say("event " + id + " " + event));
    ports.put(id, port);
    return port.armed().address().device()
        + " "
        + port.armed().address().ipv4().getHostAddress()
        + " "
        + port.armed().address().ipv6().getHostAddress();
  }

  private static EgressRule rule(String text) {
    String[] parts = text.split(",");
    Optional<ByteSize> most =
        parts.length > 3 ? Optional.of(ByteSize.parse(parts[3])) : Optional.empty();
    return new EgressRule.ToRange(
        text,
        IpRange.parse(parts[0]),
        Transport.valueOf(parts[1]),
        PortRange.parse(parts[2]),
        new EgressRule.Terms(most, false, false));
  }

  /** {@code open ID ADDRESS TRANSPORT PORT RULE SECONDS GATED} */
  private String open(List<String> words) throws IOException {
    network.open(
        port(words).armed().address(),
        List.of(
            new Opening(
                InetAddress.getByName(words.get(2)),
                Transport.valueOf(words.get(3)),
                Integer.parseInt(words.get(4)),
                Integer.parseInt(words.get(5)),
                Boolean.parseBoolean(words.get(7)),
                Duration.ofSeconds(Long.parseLong(words.get(6))))));
    return "opened";
  }

  /** {@code resolved ID NAME ADDRESS} */
  private String resolved(List<String> words) throws IOException {
    return ""
        + port(words)
            .armed()
            .resolved(
                DomainName.parse(words.get(2)),
                List.of(InetAddress.getByName(words.get(3))),
                Instant.now().plusSeconds(60));
  }

  private static InetSocketAddress resolver(InetAddress address) throws IOException {
    InetSocketAddress tcp = server(address, "resolver");
    DatagramSocket udp = new DatagramSocket(tcp);
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              byte[] answer = "resolver".getBytes(StandardCharsets.UTF_8);
              DatagramPacket question = new DatagramPacket(new byte[512], 512);
              try {
                while (true) {
                  udp.receive(question);
                  udp.send(new DatagramPacket(answer, answer.length, question.getSocketAddress()));
                }
              } catch (IOException e) {
                say("resolver ended: " + e);
              }
            });
    return tcp;
  }

  private static InetSocketAddress server(InetAddress address, String name) throws IOException {
    ServerSocket server = new ServerSocket();
    server.bind(new InetSocketAddress(address, 0));
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                while (true) {
                  greet(server.accept(), name);
                }
              } catch (IOException e) {
                say(name + " ended: " + e);
              }
            });
    return new InetSocketAddress(address, server.getLocalPort());
  }

  private static void greet(Socket client, String name) {
    Thread.ofVirtual()
        .start(
            () -> {
              try (client) {
                client.getOutputStream().write((name + "\n").getBytes(StandardCharsets.UTF_8));
                byte[] taken = new byte[65536];
                while (client.getInputStream().read(taken) > 0) {
                  Arrays.fill(taken, 0, 1, (byte) 0);
                }
              } catch (IOException e) {
                say(name + " lost a client: " + e.getMessage());
              }
            });
  }
}
