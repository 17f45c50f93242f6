package dev.mayfly.cli;

import dev.mayfly.config.ConfigException;
import dev.mayfly.job.Printable;
import java.util.Objects;
import picocli.CommandLine;

/** The command line's entry. */
public final class Main {
  /** EX_CONFIG of sysexits(3). */
  static final int CONFIG_ERROR = 78;

  private Main() {}

  public static void main(String[] arguments) {
    System.exit(run(arguments));
  }

  static int run(String... arguments) {
    CommandLine line = new CommandLine(new MayflyCommand());
    line.setExpandAtFiles(false);
    line.setParameterExceptionHandler((failure, _) -> refuse(failure));
    line.setExecutionExceptionHandler(
        (failure, _, _) -> {
          if (failure instanceof ConfigException) {
            System.err.println(failure.getMessage());
            return CONFIG_ERROR;
          }
          throw failure;
        });
    return line.execute(arguments);
  }

  /**
   * Tells what is wrong with the arguments in a line, where picocli would print the whole usage.
   */
  private static int refuse(CommandLine.ParameterException failure) {
    CommandLine command = failure.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    System.err.println(
        name
            + ": "
            + Printable.escaped(Objects.toString(failure.getMessage(), "wrong arguments"))
            + "; see "
            + name
            + " --help");
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }
}
