package dev.mayfly.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What there is about policies; its subcommands do it. */
@Command(
    name = "policy",
    description = "Shows policies, learns them from what jobs did, and tries them on past jobs.",
    mixinStandardHelpOptions = true,
    subcommands = {PolicyShowCommand.class, PolicyLearnCommand.class, PolicyReplayCommand.class})
final class PolicyCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "show, learn or replay is missing");
  }
}
