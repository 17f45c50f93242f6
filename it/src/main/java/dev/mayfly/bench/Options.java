package dev.mayfly.bench;

import java.nio.file.Path;
import picocli.CommandLine.Option;

/** Options that every benchmark has. */
class Options {
  @Option(names = "--rounds", required = true, description = "How often each is measured.")
  private int rounds;

  @Option(names = "--result", required = true, description = "Where the tables are written.")
  private Path result = Path.of("");

  int rounds() {
    return rounds;
  }

  Path result() {
    return result;
  }
}
