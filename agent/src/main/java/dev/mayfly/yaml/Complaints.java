package dev.mayfly.yaml;

/** Takes what is wrong with a text that is a value of a file. */
@FunctionalInterface
public interface Complaints {
  /**
   * Takes one thing that is wrong.
   *
   * @param offset where in the text
   * @param message cause and remedy
   */
  void add(int offset, String message);
}
