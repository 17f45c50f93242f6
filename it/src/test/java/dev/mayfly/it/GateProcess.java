package dev.mayfly.it;

import dev.mayfly.egress.ArmedSandbox;
import dev.mayfly.egress.ArmedSandboxes;
import dev.mayfly.egress.EgressPlan;
import dev.mayfly.egress.GateBounds;
import dev.mayfly.egress.SandboxAddress;
import dev.mayfly.egress.TlsGate;
import dev.mayfly.policy.ByteSize;
import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.DomainPattern;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.PortRange;
import dev.mayfly.policy.Transport;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A gate in a process and a network name space of its own, and its sandboxes. Takes commands on its
 * standard input and answers each with a line; what sandboxes are told of are lines that begin with
 * {@code event}. Ends with its input.
 */
final class GateProcess {
  private final ArmedSandboxes sandboxes = new ArmedSandboxes();
  private final Map<String, ArmedSandbox> armed = new HashMap<>();

  private GateProcess() {}

  public static void main(String[] arguments) throws IOException {
    new GateProcess()
        .serve(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
  }

  private void serve(BufferedReader commands) throws IOException {
    say("started");
    // Addresses are there before the first command.
    String[] first = commands.readLine().split(" ");
    GateBounds bounds =
        new GateBounds(
            Integer.parseInt(first[2]),
            Integer.parseInt(first[3]),
            2L << 20,
            Duration.ofSeconds(Long.parseLong(first[4])),
            Duration.ofSeconds(2));
    try (TlsGate gate = TlsGate.open(addresses(first[1]), sandboxes, bounds)) {
      say("port " + gate.port());
      String command;
      while ((command = commands.readLine()) != null) {
        say(answer(gate, command.split(" ")));
      }
    }
    say("closed");
  }

  private String answer(TlsGate gate, String[] words) throws IOException {
    switch (words[0]) {
      case "arm" -> arm(words);
      case "resolve" ->
          sandbox(words[1])
              .resolved(
                  new DomainName(words[2]),
                  addresses(words[3]),
                  Instant.now().plusSeconds(Long.parseLong(words[4])));
      case "disarm" -> {
        sandboxes.remove(sandbox(words[1]));
        gate.closeAll(sandbox(words[1]));
      }
      case "sockets" -> {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
          return Long.toString(open.filter(GateProcess::isSocket).count());
        }
      }
      default -> throw new IllegalArgumentException(words[0]);
    }
    return "done";
  }

  private static boolean isSocket(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
    } catch (IOException e) {
      // The descriptor of the listing itself.
      return false;
    }
  }

  private ArmedSandbox sandbox(String name) {
    return Objects.requireNonNull(armed.get(name));
  }

  /** arm NAME ADDRESSES MODE GATE [HOST[,sni][,ech][,MAX-UPLOAD]]… */
  private void arm(String[] words) throws IOException {
    List<InetAddress> own = addresses(words[2]);
    EgressPlan plan =
        new EgressPlan(
            EgressMode.valueOf(words[3]),
            Arrays.stream(words).skip(5).map(GateProcess::rule).toList(),
            List.of(IpRange.parse("198.51.100.0/24")),
            Boolean.parseBoolean(words[4]),
            EgressPolicy.RefusedNames.NXDOMAIN,
            EgressPlan.RefusedHosts.NONE);
    ArmedSandbox sandbox =
        new ArmedSandbox(
            words[1],
            new SandboxAddress("mfy02a", (Inet4Address) own.get(0), (Inet6Address) own.get(1)),
            plan,
            event -> say("event " + words[1] + " " + event));
    armed.put(words[1], sandbox);
    sandboxes.add(sandbox);
  }

  private static EgressRule rule(String text) {
    List<String> parts = List.of(text.split(","));
    Optional<ByteSize> most =
        parts.stream().filter(part -> part.endsWith("iB")).findFirst().map(ByteSize::parse);
    return new EgressRule.ToName(
        text,
        DomainPattern.parse(parts.getFirst()),
        Transport.TCP,
        PortRange.HTTPS,
        new EgressRule.Terms(most, parts.contains("sni"), parts.contains("ech")));
  }

  private static List<InetAddress> addresses(String text) throws IOException {
    InetAddress[] addresses = new InetAddress[text.split(",").length];
    for (int i = 0; i < addresses.length; i++) {
      addresses[i] = IpRange.parse(text.split(",")[i]).first();
    }
    return List.of(addresses);
  }

  private static synchronized void say(String line) {
    System.out.println(line);
    System.out.flush();
  }
}
