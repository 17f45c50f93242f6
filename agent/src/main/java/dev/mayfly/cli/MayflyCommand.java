package dev.mayfly.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What there is when no subcommand is named: how to use them. */
@Command(
    name = "mayfly",
    description =
        "Runs CI jobs in sandboxes that live as long as the job, and proves that they are gone.",
    mixinStandardHelpOptions = true,
    versionProvider = MayflyVersion.class,
    subcommands = {
      ExecCommand.class,
      RunCommand.class,
      CheckCommand.class,
      ReportCommand.class,
      PolicyCommand.class,
      SweepCommand.class,
      VersionCommand.class,
      HelpCommand.class
    })
final class MayflyCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "a command is missing");
  }
}
