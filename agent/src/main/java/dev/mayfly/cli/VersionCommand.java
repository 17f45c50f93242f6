package dev.mayfly.cli;

import picocli.CommandLine.Command;

/** Prints what is running. */
@Command(
    name = "version",
    description = "Prints the version of Mayfly and of its Java.",
    mixinStandardHelpOptions = true)
final class VersionCommand implements Runnable {
  @Override
  public void run() {
    System.out.println("mayfly " + MayflyVersion.text() + " (Java " + Runtime.version() + ")");
  }
}
