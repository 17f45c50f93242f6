package dev.mayfly.cli;

import dev.mayfly.report.Report;
import dev.mayfly.supervisor.JobResult;
import java.util.function.Consumer;

/** What is said of a job that ended, in the supervisor's log and in the job's. */
final class JobWords {
  private JobWords() {}

  /** For the supervisor's log. */
  static String logLine(Report report, JobResult result) {
    String reason = report.outcome().reason();
    return "sandbox="
        + result.sandbox()
        + " job="
        + result.job().id()
        + " outcome="
        + report.outcome().kind()
        + " exit="
        + result.exitCode()
        + (reason == null ? "" : " reason=\"" + reason + "\"")
        + (result.teardown().verified()
            ? ""
            : " NOT CLEAN: " + String.join(", ", result.teardown().leftovers()));
  }

  /** For the job's own log: what went wrong beside its command. */
  static void tell(Report report, JobResult result, Consumer<String> messages) {
    String reason = report.outcome().reason();
    if (reason != null) {
      messages.accept(report.outcome().kind() + ": " + reason);
    }
    result
        .memoryKills()
        .filter(kills -> kills > 0)
        .ifPresent(
            kills ->
                messages.accept(
                    kills
                        + " process(es) were killed because the job reached its memory limit of "
                        + result.policy().limits().memory()
                        + "; raise limits.memory in policy "
                        + result.policy().name()
                        + " if it needs more"));
    if (!result.teardown().verified()) {
      messages.accept(
          "NOT CLEAN: the sandbox could not be destroyed wholly, left behind: "
              + String.join(", ", result.teardown().leftovers())
              + "; the next start of Mayfly tries again");
    }
  }
}
