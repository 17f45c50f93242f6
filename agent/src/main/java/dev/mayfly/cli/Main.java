package dev.mayfly.cli;

import dev.mayfly.config.ConfigException;
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
}
