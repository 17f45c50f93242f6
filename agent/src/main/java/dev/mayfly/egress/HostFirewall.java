package dev.mayfly.egress;

import dev.mayfly.policy.IpRange;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the host's own firewall must let through, at the places that it has for that: Docker's chain
 * {@code DOCKER-USER}, and firewalld's zone {@code trusted}. An accept here only keeps that
 * firewall from dropping; what a sandbox may reach is decided by Mayfly's own table. To be used
 * under the lock of the network alone.
 */
final class HostFirewall {
  private static final String CHAIN = "DOCKER-USER";
  private static final String TAG = "mayfly";
  private static final String ZONE = "--zone=trusted";
  private static final List<String> TABLES = List.of("iptables", "ip6tables");
  private static final List<List<String>> RULES =
      List.of(
          rule("-i", "mfy+"),
          rule("-o", "mfy+", "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"));

  private final HostCommands commands;
  private final NetworkPlan plan;

  /** Which of firewalld's sources are Mayfly's. */
  private final Path added;

  HostFirewall(HostCommands commands, NetworkPlan plan) {
    this.commands = commands;
    this.plan = plan;
    this.added = plan.state().resolve("firewalld");
  }

  private static List<String> rule(String... match) {
    List<String> rule = new ArrayList<>(List.of(match));
    rule.addAll(List.of("-m", "comment", "--comment", TAG, "-j", "ACCEPT"));
    return rule;
  }

  /** Adds what is missing. */
  void allow() throws IOException {
    for (String program : TABLES) {
      if (hasChain(program)) {
        for (List<String> rule : RULES) {
          if (!isThere(program, rule)) {
            must(program, "-I", rule);
          }
        }
      }
    }
    if (hasFirewalld()) {
      List<String> own =
          new ArrayList<>(Files.exists(added) ? Files.readAllLines(added) : List.of());
      for (IpRange range : List.of(plan.ipv4(), plan.ipv6())) {
        if (!firewalld("--query-source=" + range)) {
          own.add(range.toString());
          Files.write(added, own);
          firewalld("--add-source=" + range);
        }
      }
    }
  }

  /** Removes what {@link #allow} added, and nothing else. */
  void withdraw() throws IOException {
    for (String program : TABLES) {
      if (hasChain(program)) {
        for (List<String> rule : RULES) {
          while (isThere(program, rule)) {
            must(program, "-D", rule);
          }
        }
      }
    }
    if (Files.exists(added)) {
      for (String range : Files.readAllLines(added)) {
        firewalld("--remove-source=" + range);
      }
      Files.delete(added);
    }
  }

  /** Mayfly's entries in the host's firewall, as its programs show them. */
  List<String> entries() throws IOException {
    List<String> found = new ArrayList<>();
    for (String program : TABLES) {
      Optional<HostCommands.Result> listing = commands.run(program, List.of("-w", "-S", CHAIN));
      listing
          .filter(HostCommands.Result::done)
          .ifPresent(
              result ->
                  result
                      .output()
                      .lines()
                      .filter(line -> line.contains("--comment " + TAG + " "))
                      .map(line -> program + " " + line)
                      .forEach(found::add));
    }
    if (Files.exists(added)) {
      for (String range : Files.readAllLines(added)) {
        found.add("firewalld " + ZONE.substring(2) + " source " + range);
      }
    }
    return found;
  }

  /** Whether rules of Mayfly's in Docker's chain answer for what the filter's FORWARD drops. */
  boolean answers(String program) throws IOException {
    for (List<String> rule : RULES) {
      if (!isThere(program, rule)) {
        return false;
      }
    }
    return hasChain(program);
  }

  private boolean isThere(String program, List<String> rule) throws IOException {
    return call(program, "-C", rule).map(HostCommands.Result::done).orElse(false);
  }

  private boolean hasChain(String program) throws IOException {
    return commands
        .run(program, List.of("-w", "-n", "-L", CHAIN))
        .map(HostCommands.Result::done)
        .orElse(false);
  }

  private boolean hasFirewalld() throws IOException {
    return commands
        .run("firewall-cmd", List.of("--state"))
        .map(HostCommands.Result::done)
        .orElse(false);
  }

  private boolean firewalld(String argument) throws IOException {
    return commands
        .run("firewall-cmd", List.of(ZONE, argument))
        .map(HostCommands.Result::done)
        .orElse(false);
  }

  private Optional<HostCommands.Result> call(String program, String verb, List<String> rule)
      throws IOException {
    List<String> arguments = new ArrayList<>(List.of("-w", verb, CHAIN));
    arguments.addAll(rule);
    return commands.run(program, arguments);
  }

  private void must(String program, String verb, List<String> rule) throws IOException {
    Optional<HostCommands.Result> result = call(program, verb, rule);
    if (result.isPresent() && !result.get().done()) {
      throw new IOException(
          program + " " + verb + " " + CHAIN + ": " + result.get().output().strip());
    }
  }
}
