package dev.mayfly.cli;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** The doctor. */
@Command(
    name = "check",
    description = "Checks what this host can enforce.",
    mixinStandardHelpOptions = true)
final class CheckCommand implements Callable<Integer> {
  @Override
  public Integer call() {
    return 1;
  }
}
