package dev.mayfly.egress;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against programs that only remember what they are told. */
class HostFirewallTest {
  private static final String OWN = "198.19.0.0/16";

  private final Set<String> sources = new LinkedHashSet<>();
  private final List<String> rules = new ArrayList<>();
  private @TempDir Path state;

  private HostFirewall firewall() {
    return new HostFirewall(
        this::run, new NetworkPlan(NetworkPlan.DEFAULT.ipv4(), NetworkPlan.DEFAULT.ipv6(), state));
  }

  private Optional<HostCommands.Result> run(String program, List<String> arguments) {
    if (program.equals("firewall-cmd")) {
      String last = arguments.getLast();
      String range = last.substring(last.indexOf('=') + 1);
      if (last.startsWith("--query-source")) {
        return result(sources.contains(range));
      }
      if (last.startsWith("--add-source")) {
        return result(sources.add(range));
      }
      return result(last.equals("--state") || sources.remove(range));
    }
    if (program.equals("ip6tables")) {
      return Optional.empty();
    }
    String rule =
        String.join(" ", arguments.subList(Math.min(3, arguments.size()), arguments.size()));
    return switch (arguments.get(1)) {
      case "-C" -> result(rules.contains(rule));
      case "-I" -> result(rules.add(rule));
      case "-D" -> result(rules.remove(rule));
      default -> result(true);
    };
  }

  private static Optional<HostCommands.Result> result(boolean done) {
    return Optional.of(new HostCommands.Result(done ? 0 : 1, ""));
  }

  @Test
  void addsEachEntryOnceAndTakesAllOfThemBack() throws IOException {
    rules.add("-j RETURN");
    firewall().allow();
    firewall().allow();
    assertThat(rules).hasSize(3).filteredOn(rule -> rule.contains("--comment mayfly")).hasSize(2);
    assertThat(sources).hasSize(2);
    assertThat(firewall().entries()).hasSize(2).allMatch(entry -> entry.contains("trusted source"));
    firewall().withdraw();
    assertThat(rules).containsExactly("-j RETURN");
    assertThat(sources).isEmpty();
    assertThat(state).isEmptyDirectory();
  }

  @Test
  void leavesSourcesAloneThatWereThereBefore() throws IOException {
    sources.add(OWN);
    firewall().allow();
    firewall().withdraw();
    assertThat(sources).containsExactly(OWN);
  }
}
