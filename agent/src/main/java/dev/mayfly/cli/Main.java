package dev.mayfly.cli;

import dev.mayfly.job.Printable;
import dev.mayfly.yaml.ConfigException;
import java.util.Objects;
import picocli.CommandLine;

/** The command line's entry. */
public final class Main {
  /** EX_CONFIG of sysexits(3). */
  static final int CONFIG_ERROR = 78;

  /** EX_USAGE of sysexits(3), for commands that name no code of their own. */
  static final int USAGE_ERROR = 64;

  private Main() {}

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  static int run(String... arguments) {
    return commandLine().execute(arguments);
  }

  static CommandLine commandLine() {
    CommandLine line = new CommandLine(new MayflyCommand());
    line.setExpandAtFiles(false);
    // What follows the command's name is the command's, also without "--" before it.
    line.getSubcommands()
        .forEach((name, command) -> command.setStopAtPositional(name.equals("exec")));
    line.setParameterExceptionHandler((failure, _) -> refuse(failure));
    line.setExecutionExceptionHandler(
        (failure, _, _) -> {
          if (failure instanceof ConfigException) {
            System.err.println(failure.getMessage());
            return CONFIG_ERROR;
          }
          throw failure;
        });
    return line;
  }

  /**
   * Tells what is wrong with the arguments in a line, where picocli would print the whole usage.
   */
  private static int refuse(CommandLine.ParameterException failure) {
    CommandLine command = failure.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    String cause =
        Objects.toString(failure.getMessage(), "wrong arguments").replaceFirst("\\.$", "");
    System.err.println(
        name + ": " + Printable.escaped(cause) + meant(failure) + "; see " + name + " --help");
    int code = command.getCommandSpec().exitCodeOnInvalidInput();
    return code == CommandLine.ExitCode.USAGE ? USAGE_ERROR : code;
  }

  private static String meant(CommandLine.ParameterException failure) {
    return failure instanceof CommandLine.UnmatchedArgumentException unmatched
            && !unmatched.getSuggestions().isEmpty()
        ? ", did you mean " + unmatched.getSuggestions().getFirst() + "?"
        : "";
  }
}
