package dev.mayfly.bench;

/** Tables for a person, in Markdown. */
final class Table {
  private Table() {}

  static String row(String... cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }
}
