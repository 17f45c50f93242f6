package dev.mayfly.cli;

import dev.mayfly.job.Printable;
import dev.mayfly.report.Report;
import dev.mayfly.report.Report.EgressPart;
import dev.mayfly.report.Reports;
import dev.mayfly.sandbox.SandboxId;
import dev.mayfly.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reports of past jobs that a command names. */
final class PastReports {
  private final List<Past> reports = new ArrayList<>();

  private PastReports() {}

  /** A report that tells of the way out. */
  record Past(Report report, EgressPart egress) {
    String name() {
      return report.sandbox()
          + " ("
          + report.job().platform()
          + " "
          + (report.job().project() == null ? "" : report.job().project() + " ")
          + report.job().name()
          + ")";
    }
  }

  /**
   * Reads them all. One that says nothing of the way out is told of on standard error.
   *
   * @param named files, directories with a {@code report.json} in them, or sandboxes' ids
   * @throws IOException with cause and remedy where one cannot be read, or none says anything
   */
  static List<Past> read(List<String> named, ConfigOption config)
      throws IOException, ConfigException {
    PastReports read = new PastReports();
    for (String one : named) {
      read.add(Reports.parse(text(one, config)));
    }
    if (read.reports.isEmpty()) {
      throw new IOException("none of these reports tells of the way out; name others");
    }
    return List.copyOf(read.reports);
  }

  private void add(Report report) {
    EgressPart egress = report.egress();
    if (egress == null) {
      System.err.println(
          "mayfly: the report of "
              + Printable.escaped(report.sandbox())
              + " says nothing of the way out");
    } else {
      reports.add(new Past(report, egress));
    }
  }

  private static String text(String named, ConfigOption config)
      throws IOException, ConfigException {
    Path path = Path.of(named);
    Path file = Files.isDirectory(path) ? path.resolve("report.json") : path;
    if (Files.isRegularFile(file)) {
      return Files.readString(file);
    }
    Optional<SandboxId> id = SandboxId.parse(named);
    Optional<String> text =
        id.isPresent() ? new Reports(config.read().reportDir()).json(id.get()) : Optional.empty();
    return text.orElseThrow(
        () ->
            new IOException(
                "no report "
                    + Printable.escaped(named)
                    + "; name a report.json, its directory, or a sandbox's id"));
  }
}
