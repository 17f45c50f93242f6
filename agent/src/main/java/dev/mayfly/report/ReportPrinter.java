package dev.mayfly.report;

import dev.mayfly.job.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A report for a person who reads it in a terminal. */
public final class ReportPrinter {
  private static final int NAME_WIDTH = 11;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double MIB = 1 << 20;

  private ReportPrinter() {}

  public static String print(Report report) {
    List<String> lines = new ArrayList<>();
    line(lines, "sandbox", report.sandbox() + ", started " + report.start());
    line(
        lines,
        "job",
        report.job().platform() + " " + report.job().name() + " (" + report.job().id() + ")");
    line(
        lines,
        "policy",
        report.policy().name()
            + (report.policy().identity() == null ? "" : ", ran as " + report.policy().identity())
            + ", "
            + shortened(report.policy().digest()));
    line(
        lines,
        "image",
        report.image().name()
            + (report.image().digest() == null
                ? " (not found)"
                : ", " + shortened(report.image().digest())));
    services(lines, report.services());
    line(
        lines,
        "outcome",
        report.outcome().kind()
            + ", exit code "
            + report.exitCode()
            + (report.outcome().reason() == null ? "" : ": " + report.outcome().reason()));
    line(lines, "resources", resources(report.resources()));
    line(lines, "time", total(report));
    for (Report.SpanPart span : report.timeline()) {
      if (!span.name().equals("job")) {
        lines.add(
            String.format(
                Locale.ROOT,
                "%" + (NAME_WIDTH + 2) + "s%-18s %9.1f ms  at %9.1f ms",
                "",
                "  ".repeat(depth(report, span)) + Printable.escaped(span.name()),
                span.durationNs() / NANOS_PER_MILLI,
                span.startNs() / NANOS_PER_MILLI));
      }
    }
    Report.EgressPart egress = report.egress();
    if (egress != null) {
      line(lines, "egress", EgressPrinter.summary(egress));
      for (String detail : EgressPrinter.details(egress)) {
        lines.add(" ".repeat(NAME_WIDTH + 2) + Printable.escaped(detail));
      }
    }
    MonitorPart monitor = report.monitor();
    if (monitor != null) {
      line(lines, "monitor", MonitorPrinter.summary(monitor));
      for (String detail : MonitorPrinter.details(monitor)) {
        lines.add(" ".repeat(NAME_WIDTH + 2) + Printable.escaped(detail));
      }
    }
    Report.SecretsPart secrets = report.secrets();
    if (secrets != null) {
      line(lines, "secrets", "given " + named(secrets.given()));
      if (!secrets.withheld().isEmpty()) {
        lines.add(
            " ".repeat(NAME_WIDTH + 2)
                + Printable.escaped("withheld " + named(secrets.withheld())));
      }
    }
    line(
        lines,
        "findings",
        report.findings().isEmpty() ? "none" : Integer.toString(report.findings().size()));
    for (Report.FindingPart finding : report.findings()) {
      lines.add(
          " ".repeat(NAME_WIDTH + 2)
              + Printable.escaped(
                  finding.severity()
                      + " "
                      + finding.rule()
                      + ": "
                      + finding.process()
                      + " → "
                      + finding.target()
                      + "; "
                      + finding.remedy()));
    }
    line(
        lines,
        "coverage",
        report.coverage().state()
            + (report.coverage().reason() == null ? "" : ": " + report.coverage().reason()));
    line(
        lines,
        "teardown",
        report.teardown().verified()
            ? "verified: no container, volume, mount, process, cgroup or file of it is left"
            : "NOT CLEAN, left behind: " + String.join(", ", report.teardown().leftovers()));
    return String.join("\n", lines);
  }

  private static void services(List<String> lines, @Nullable List<Report.ServicePart> services) {
    if (services == null) {
      return;
    }
    line(lines, "services", Integer.toString(services.size()));
    for (Report.ServicePart service : services) {
      lines.add(" ".repeat(NAME_WIDTH + 2) + Printable.escaped(service(service)));
    }
  }

  private static String service(Report.ServicePart service) {
    return service.name()
        + (service.digest() == null ? " (not found)" : ", " + shortened(service.digest()))
        + (service.sandbox() == null ? "" : ", sandbox " + service.sandbox())
        + (service.ready() == null ? "" : service.ready() ? ", ready" : ", not ready in time")
        + ", ended: "
        + service.end()
        + (service.exitCode() == null ? "" : " with " + service.exitCode());
  }

  private static void line(List<String> lines, String name, String text) {
    lines.add(
        String.format(Locale.ROOT, "%-" + NAME_WIDTH + "s  %s", name, Printable.escaped(text)));
  }

  private static String named(List<String> names) {
    return names.isEmpty() ? "none" : names.size() + ": " + String.join(", ", names);
  }

  /** Enough of a digest for a person to compare. */
  private static String shortened(String digest) {
    return digest.substring(0, Math.min(digest.length(), "sha256:".length() + 12));
  }

  private static String total(Report report) {
    return report.timeline().stream()
        .filter(span -> span.name().equals("job"))
        .map(
            span ->
                String.format(Locale.ROOT, "%.1f ms in all", span.durationNs() / NANOS_PER_MILLI))
        .findFirst()
        .orElse("unknown");
  }

  /** How many other spans hold this one, the job's own left out. */
  private static int depth(Report report, Report.SpanPart span) {
    return (int)
        report.timeline().stream()
            .filter(
                other ->
                    !other.name().equals("job")
                        && !other.equals(span)
                        && other.startNs() <= span.startNs()
                        && other.startNs() + other.durationNs()
                            >= span.startNs() + span.durationNs())
            .count();
  }

  private static String resources(Report.Resources resources) {
    List<String> parts = new ArrayList<>();
    parts.add(
        resources.cpuSeconds() == null
            ? "cpu unknown"
            : String.format(Locale.ROOT, "%.2f s cpu", resources.cpuSeconds()));
    parts.add(
        resources.peakMemoryBytes() == null
            ? "memory unknown"
            : String.format(
                Locale.ROOT, "%.1f MiB peak memory", resources.peakMemoryBytes() / MIB));
    parts.add(
        resources.ioBytes() == null
            ? "disk I/O unknown"
            : String.format(Locale.ROOT, "%.1f MiB disk I/O", resources.ioBytes() / MIB));
    parts.add(
        resources.peakPids() == null
            ? "processes unknown"
            : resources.peakPids() + " processes at most");
    if (resources.memoryKills() != null && resources.memoryKills() > 0) {
      parts.add(resources.memoryKills() + " killed for the memory limit");
    }
    return String.join(", ", parts);
  }
}
