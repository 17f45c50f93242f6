package dev.mayfly.report;

import dev.mayfly.monitor.SandboxActivity;
import dev.mayfly.report.MonitorPart.FilePart;
import dev.mayfly.report.MonitorPart.FurtherPart;
import dev.mayfly.report.MonitorPart.ProcessPart;
import dev.mayfly.report.MonitorPart.ProgramPart;
import java.util.Optional;
import java.util.TreeMap;

/** Puts what a sandbox was seen to do into the words of a report. */
final class MonitorReport {
  private static final String NOT_WATCHED =
      "the sandbox was not watched; see monitor in its policy, and mayfly check";

  private MonitorReport() {}

  /** Empty where nothing watched. */
  static Optional<MonitorPart> of(SandboxActivity seen) {
    return seen.source()
        .map(
            source ->
                new MonitorPart(
                    source,
                    seen.weaknesses(),
                    new TreeMap<>(seen.events()),
                    seen.processes().stream().map(MonitorReport::process).toList(),
                    seen.further().stream()
                        .map(one -> new FurtherPart(one.path(), one.parent(), one.count()))
                        .toList(),
                    seen.files().stream()
                        .map(
                            one ->
                                new FilePart(
                                    one.path(),
                                    one.use(),
                                    one.program(),
                                    one.refused(),
                                    one.count()))
                        .toList(),
                    seen.furtherFiles()));
  }

  private static ProcessPart process(SandboxActivity.ProcessRecord one) {
    return new ProcessPart(
        one.pid(),
        one.parent().isPresent() ? one.parent().getAsInt() : null,
        one.uid(),
        one.startNs(),
        one.endNs().isPresent() ? one.endNs().getAsLong() : null,
        one.status().isPresent() ? exitCode(one.status().getAsInt()) : null,
        one.programs().stream()
            .map(program -> new ProgramPart(program.path(), program.arguments(), program.cut()))
            .toList(),
        one.furtherPrograms());
  }

  /** As shells have it. */
  private static int exitCode(int status) {
    int signal = status & 0x7f;
    return signal != 0 ? 128 + signal : status >> 8 & 0xff;
  }

  /** Without a source nobody may think that the job was watched. */
  static Report.Coverage coverage(SandboxActivity seen) {
    if (seen.source().isEmpty()) {
      return new Report.Coverage(
          Report.Coverage.UNPROVEN,
          seen.losses().isEmpty() ? NOT_WATCHED : String.join("; ", seen.losses()));
    }
    return seen.losses().isEmpty()
        ? new Report.Coverage(Report.Coverage.PROVEN, null)
        : new Report.Coverage(Report.Coverage.UNPROVEN, String.join("; ", seen.losses()));
  }
}
