package dev.mayfly.detect;

import dev.mayfly.policy.Glob;
import java.util.Arrays;
import java.util.Comparator;

/**
 * A {@link Glob} for many paths of which few match: the plain text in it is looked for first, which
 * takes a fraction of the pattern's time.
 *
 * @param start what matching paths begin with
 * @param middle what they contain
 * @param end what they end with
 */
record PathPattern(Glob glob, String start, String middle, String end) {

  /**
   * Reads a pattern.
   *
   * @throws IllegalArgumentException where it is none
   */
  static PathPattern parse(String text) {
    Glob glob = new Glob(text);
    String[] plain = text.split("[*?]", -1);
    String longest =
        Arrays.stream(plain).max(Comparator.comparingInt(String::length)).orElseThrow();
    return new PathPattern(glob, plain[0], longest, plain[plain.length - 1]);
  }

  boolean matches(String path) {
    return path.startsWith(start)
        && path.endsWith(end)
        && path.contains(middle)
        && glob.matches(path);
  }
}
