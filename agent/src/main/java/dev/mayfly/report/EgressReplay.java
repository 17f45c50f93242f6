package dev.mayfly.report;

import dev.mayfly.egress.EgressPlan;
import dev.mayfly.policy.DomainName;
import dev.mayfly.report.Report.ConnectionPart;
import dev.mayfly.report.Report.EgressPart;
import dev.mayfly.report.Report.NamePart;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** What of a past job a plan would have refused that was let through then. */
public final class EgressReplay {
  private EgressReplay() {}

  /**
   * The destinations and names at which the job would have failed, each with the reason, in the
   * order of the report; not escaped. How much was sent is not known, so upload budgets are not
   * looked at.
   */
  public static List<String> broken(EgressPlan plan, EgressPart egress) {
    List<String> broken = new ArrayList<>();
    Set<String> told = new LinkedHashSet<>();
    for (ConnectionPart connection : SeenEgress.passed(egress)) {
      SeenEgress.past(egress, connection)
          .refusedBy(plan)
          .ifPresent(
              reason -> {
                told.addAll(SeenEgress.namesOf(egress, connection));
                broken.add(EgressPrinter.destination(connection) + ": " + reason);
              });
    }
    for (NamePart asked : SeenEgress.answered(egress)) {
      boolean resolves = SeenEgress.name(asked.name()).filter(plan::mayResolve).isPresent();
      String name = SeenEgress.name(asked.name()).map(DomainName::text).orElse(asked.name());
      if (!resolves && told.add(name)) {
        broken.add("name " + name + ": no rule allows to ask for it");
      }
    }
    return broken;
  }
}
