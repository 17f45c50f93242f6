package dev.mayfly.cli;

import dev.mayfly.cli.PastReports.Past;
import dev.mayfly.config.MayflyConfig;
import dev.mayfly.egress.EgressPlan;
import dev.mayfly.egress.EgressPlanner;
import dev.mayfly.job.Printable;
import dev.mayfly.report.EgressReplay;
import dev.mayfly.yaml.ConfigException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Tries a policy on past jobs. */
@Command(
    name = "replay",
    description = {
      "Tells which past jobs a policy would have broken, and at what. Upload budgets can't be tried.",
      "Exits with 1 if it would have broken any, with 2 if that can't be told."
    },
    mixinStandardHelpOptions = true)
final class PolicyReplayCommand implements Callable<Integer> {
  private static final int BROKEN = 1;
  private static final int UNKNOWN = 2;

  @Mixin private ConfigOption configOption = new ConfigOption();

  @Parameters(index = "0", paramLabel = "POLICY", description = "A policy of the configuration.")
  private String policy = "";

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "REPORT",
      description = "A report.json, its directory, or a sandbox's id.")
  private List<String> reports = List.of();

  @Override
  public Integer call() throws ConfigException {
    MayflyConfig config = configOption.read();
    EgressPlan plan;
    try {
      plan = EgressPlanner.plan(config.policy(policy).egress(), HostGroups.read(config).groups());
    } catch (IllegalArgumentException e) {
      System.err.println("mayfly: " + e.getMessage());
      return Main.USAGE_ERROR;
    }
    try {
      return replay(plan, PastReports.read(reports, configOption));
    } catch (IOException e) {
      System.err.println("mayfly: " + e.getMessage());
    } catch (IllegalArgumentException e) {
      System.err.println("mayfly: not a report of this version of Mayfly: " + e.getMessage());
    }
    return UNKNOWN;
  }

  private int replay(EgressPlan plan, List<Past> past) {
    int broken = 0;
    for (Past one : past) {
      List<String> at = EgressReplay.broken(plan, one.egress());
      broken += at.isEmpty() ? 0 : 1;
      System.out.println(
          Printable.escaped(
              (at.isEmpty() ? "runs    " : "breaks  ")
                  + one.name()
                  + (one.egress().complete() ? "" : "; its report is not complete")));
      at.forEach(what -> System.out.println("          " + Printable.escaped(what)));
    }
    System.out.println("Policy " + policy + " breaks " + broken + " of " + past.size() + " jobs.");
    return broken > 0 ? BROKEN : 0;
  }
}
