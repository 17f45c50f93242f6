package dev.mayfly.cli;

import dev.mayfly.job.Printable;
import dev.mayfly.report.ReportPrinter;
import dev.mayfly.report.Reports;
import dev.mayfly.sandbox.SandboxId;
import dev.mayfly.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints a report. */
@Command(
    name = "report",
    description = "Prints what is known of a job.",
    mixinStandardHelpOptions = true)
final class ReportCommand implements Callable<Integer> {
  @Mixin private ConfigOption config = new ConfigOption();

  @Option(
      names = "--report-dir",
      paramLabel = "DIR",
      description = "Where the reports are, instead of the configuration's report-dir.")
  private @Nullable Path directory;

  @Option(names = "--json", description = "Prints report.json as it is.")
  private boolean json;

  @Parameters(
      paramLabel = "last|ID",
      defaultValue = "last",
      description = "The sandbox's id, or the report written last.")
  private String sandbox = "last";

  @Override
  public Integer call() throws ConfigException {
    Path where = directory != null ? directory : config.read().reportDir();
    Reports reports = new Reports(where);
    try {
      Optional<SandboxId> id = sandbox.equals("last") ? reports.last() : SandboxId.parse(sandbox);
      Optional<String> text = id.isPresent() ? reports.json(id.get()) : Optional.empty();
      if (text.isEmpty()) {
        System.err.println(
            "mayfly: no report "
                + Printable.escaped(sandbox)
                + " in "
                + where
                + "; mayfly exec writes one, --report-dir says where they are");
        return 1;
      }
      System.out.println(
          json ? text.get().strip() : ReportPrinter.print(Reports.parse(text.get())));
      return 0;
    } catch (IOException e) {
      System.err.println("mayfly: " + e.getMessage());
      return 1;
    }
  }
}
