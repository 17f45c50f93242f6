package dev.mayfly.cli;

import dev.mayfly.config.MayflyConfig;
import dev.mayfly.job.Printable;
import dev.mayfly.policy.Policy;
import dev.mayfly.yaml.ConfigException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Prints policies as they are in force. */
@Command(
    name = "show",
    description = {
      "Prints a policy as it is in force: every value, each group's hosts with where they come from,",
      "and what lets data out to anybody. Without a name: all policies, and all groups there are."
    },
    mixinStandardHelpOptions = true)
final class PolicyShowCommand implements Callable<Integer> {
  @Mixin private ConfigOption configOption = new ConfigOption();

  @Parameters(paramLabel = "NAME", arity = "0..1", description = "A policy of the configuration.")
  private @Nullable String name;

  @Override
  public Integer call() throws ConfigException {
    MayflyConfig config = configOption.read();
    HostGroups host = HostGroups.read(config);
    PolicyPrinter printer = new PolicyPrinter(host.groups());
    String asked = name;
    if (asked != null) {
      try {
        System.out.println(printer.policy(config.policy(asked)));
      } catch (IllegalArgumentException e) {
        System.err.println("mayfly: " + e.getMessage());
        return Main.USAGE_ERROR;
      }
    } else {
      for (Policy policy : config.policies()) {
        System.out.println(printer.policy(policy) + "\n");
      }
      System.out.println(printer.groups());
    }
    host.problems().forEach(what -> System.err.println("mayfly: " + Printable.escaped(what)));
    return 0;
  }
}
