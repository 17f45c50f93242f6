package dev.mayfly.cli;

import dev.mayfly.cli.PastReports.Past;
import dev.mayfly.egress.EgressGroups;
import dev.mayfly.job.Printable;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.report.EgressLearner;
import dev.mayfly.yaml.ConfigException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Writes a policy that allows what past jobs did. */
@Command(
    name = "learn",
    description = {
      "Writes the smallest list of what to allow that explains what past jobs reached, as YAML for a",
      "policy. Meant for reports of jobs that ran in mode: audit. Read it before you use it: it",
      "allows whatever those jobs did."
    },
    mixinStandardHelpOptions = true)
final class PolicyLearnCommand implements Callable<Integer> {
  private static final int UNREADABLE = 1;

  @Mixin private ConfigOption configOption = new ConfigOption();

  @Parameters(
      arity = "1..*",
      paramLabel = "REPORT",
      description = "A report.json, its directory, or a sandbox's id.")
  private List<String> reports = List.of();

  @Override
  public Integer call() throws ConfigException {
    List<Past> past;
    try {
      past = PastReports.read(reports, configOption);
      EgressLearner learner = new EgressLearner(rule -> EgressGroups.riskOf(rule).isPresent());
      past.forEach(one -> learner.add(one.egress()));
      System.out.println(yaml(past, learner.learn()));
      return 0;
    } catch (IOException e) {
      System.err.println("mayfly: " + e.getMessage());
      return UNREADABLE;
    } catch (IllegalArgumentException e) {
      System.err.println("mayfly: not a report of this version of Mayfly: " + e.getMessage());
      return UNREADABLE;
    }
  }

  private static String yaml(List<Past> past, EgressLearner.Learned learned) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "# Allows what " + past.size() + " job" + (past.size() == 1 ? "" : "s") + " reached.");
    for (Past one : past) {
      if (!one.egress().complete()) {
        lines.add(comment("NOT COMPLETE: some of what " + one.name() + " did is not known"));
      }
      if (!one.egress().mode().equals(EgressMode.AUDIT.word())) {
        lines.add(
            comment(
                one.name()
                    + " ran in mode: "
                    + one.egress().mode()
                    + "; what was refused to it is not in here"));
      }
    }
    learned.notes().forEach(note -> lines.add(comment(note)));
    lines.add("egress:");
    lines.add("  mode: allowlist");
    lines.add("  allow:" + (learned.entries().isEmpty() ? " []" : ""));
    for (EgressLearner.Entry entry : learned.entries()) {
      lines.add(
          "    - \""
              + entry.text()
              + "\""
              + entry.note().map(note -> "  " + comment(note)).orElse(""));
    }
    return String.join("\n", lines);
  }

  private static String comment(String text) {
    return "# " + Printable.escaped(text);
  }
}
