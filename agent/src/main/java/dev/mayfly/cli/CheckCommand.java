package dev.mayfly.cli;

import static dev.mayfly.cli.Diagnosis.missing;
import static dev.mayfly.cli.Diagnosis.ok;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mayfly.config.MayflyConfig;
import dev.mayfly.policy.Policy;
import dev.mayfly.report.Reports;
import dev.mayfly.sandbox.SeccompProfiles;
import dev.mayfly.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The doctor: what this host can enforce, and what to do about what it can't. */
@Command(
    name = "check",
    description = {
      "Checks what this host can enforce, runs a job that does nothing, and says what to do about",
      "what is weak or missing. Exits with 1 if a job would be refused."
    },
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  private static final int JOB_REFUSED = 1;

  @Mixin private ConfigOption configOption = new ConfigOption();

  @Option(names = "--json", description = "Prints the findings as JSON.")
  private boolean json;

  @Option(names = "--no-run", description = "Looks only, and runs no job.")
  private boolean noRun;

  /** What {@code --json} prints. */
  private record Findings(int schemaVersion, boolean jobsRefused, List<Diagnosis> checks) {}

  @Override
  public Integer call() throws ConfigException {
    MayflyConfig config = configOption.read();
    List<Diagnosis> found = new ArrayList<>();
    found.add(ok("configuration", "valid, policies: " + names(config)));
    found.addAll(installation());
    found.add(reportDirectory(config));
    found.addAll(new HostDoctor(config).examine());
    found.addAll(new NetworkDoctor(config).examine());
    found.addAll(new MonitorDoctor(config).examine());
    found.addAll(new EngineDoctor(config).examine());
    found.addAll(new RunnersDoctor(config, Fronts::hook).examine());
    if (!noRun) {
      found.add(
          refused(found)
              ? missing(
                  "trial job",
                  "not run",
                  "it would be refused for what is missing above",
                  "mend that first")
              : new TrialJob(config).run());
    }
    System.out.println(json ? json(found) : DiagnosisTable.print(found));
    return refused(found) ? JOB_REFUSED : 0;
  }

  private static String names(MayflyConfig config) {
    return String.join(", ", config.policies().stream().map(Policy::name).toList());
  }

  private static boolean refused(List<Diagnosis> found) {
    return found.stream().anyMatch(one -> one.level() == Diagnosis.Level.MISSING);
  }

  private static List<Diagnosis> installation() {
    String refused = "every job is refused";
    String again = "install or build Mayfly again";
    List<Diagnosis> found = new ArrayList<>();
    try {
      Path home = Host.home();
      SeccompProfiles.load(home.resolve("seccomp"));
      found.add(ok("seccomp profile", "whole, in " + home.resolve("seccomp")));
      Path init = home.resolve("libexec/mayfly-init");
      found.add(
          Files.isExecutable(init)
              ? ok("mayfly-init", init.toString())
              : missing("mayfly-init", init + " can't be executed", refused, again));
    } catch (IOException e) {
      found.add(missing("installation", String.valueOf(e.getMessage()), refused, again));
    }
    return found;
  }

  private static Diagnosis reportDirectory(MayflyConfig config) {
    try {
      new Reports(config.reportDir()).prepare();
      return ok("report-dir", config.reportDir() + " can be written");
    } catch (IOException e) {
      return missing(
          "report-dir",
          String.valueOf(e.getMessage()),
          "every job is refused that names no other",
          "run mayfly as root, or name another report-dir in the configuration");
    }
  }

  private static String json(List<Diagnosis> found) {
    try {
      return JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build()
          .writeValueAsString(new Findings(1, refused(found), found));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
