package dev.mayfly.runner.gitlab;

import java.util.List;
import java.util.Optional;

/**
 * What a script of gitlab-runner's hands to {@code eval}.
 *
 * @param layer without its quoting
 */
record ScriptBody(ScriptLayer layer, ScriptLayer.Quoting quoting) {
  private static final String PIPE = "\n: | ";

  static Optional<ScriptBody> of(String script) {
    ScriptLayer raw = ScriptLayer.of(script);
    int pipe = script.indexOf(PIPE);
    int word = pipe < 0 ? -1 : afterEval(script, pipe + PIPE.length());
    if (word < 0) {
      return Optional.empty();
    }
    boolean ansi = script.startsWith("$'", word);
    if (!ansi && !script.startsWith("\"", word)) {
      return Optional.empty();
    }
    int from = word + (ansi ? 2 : 1);
    int to = raw.closing(from, ansi ? '\'' : '"');
    if (to < 0 || !script.substring(to + 1).matches("\\)?\\s*(exit 0\\s*)?")) {
      return Optional.empty();
    }
    ScriptLayer.Quoting quoting = ansi ? ScriptLayer.Quoting.ANSI : ScriptLayer.Quoting.POSIX;
    return Optional.of(new ScriptBody(raw.unquoted(from, to, quoting), quoting));
  }

  private static int afterEval(String script, int at) {
    for (String eval : List.of("eval ", "(eval ")) {
      if (script.startsWith(eval, at)) {
        return at + eval.length();
      }
    }
    return -1;
  }

  /** Where a text has no space any more. */
  static int afterSpaces(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
    return at;
  }

  /** Where a line ends. */
  static int lineEnd(String text, int from) {
    int newline = text.indexOf('\n', from);
    return newline < 0 ? text.length() : newline;
  }
}
