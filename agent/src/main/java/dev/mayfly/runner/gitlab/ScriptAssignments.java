package dev.mayfly.runner.gitlab;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds what a script of gitlab-runner's assigns to variables, and writes to their files. */
final class ScriptAssignments {
  private static final String EXPORT = "export ";

  /** How variables of type file are written: now, by 14.9, and before. */
  private static final List<String> PRINTS = List.of("printf '%s' ", "printf %s ", "echo -n ");

  private static final String BARE =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz,-./@_%+=:";
  private static final String QUOTED_IN_POSIX = "`\"\\$ !#%&()*<=>?[|";
  private static final String INTO = " > ";

  /** Behind the sign of a redirection: where to. */
  private static final Pattern TARGET =
      Pattern.compile("[>|&]?\\s*+(\\$?(?:\"[^\"]*+\"|'[^']*+')|[^\\s;&|]++)");

  private final ScriptBody body;
  private final String text;
  private final Names names;
  private final Spans own;
  private final Set<String> files = new HashSet<>();
  private final Spans cuts;
  private final Set<String> learned;
  private boolean unclear;

  /**
   * Names of variables, as bytes.
   *
   * @param brief those of them that have a value that is not looked for
   */
  record Names(Set<String> all, Set<String> brief) {}

  /**
   * @param own the job's own commands, which assign what they want
   * @param cuts takes what is assigned
   * @param learned takes it, too, as text
   */
  ScriptAssignments(ScriptBody body, Names names, Spans own, Spans cuts, Set<String> learned) {
    this.body = body;
    this.text = body.layer().text();
    this.names = names;
    this.own = own;
    this.cuts = cuts;
    this.learned = learned;
  }

  /**
   * Finds them.
   *
   * @return whether all that are there were understood
   */
  boolean find() {
    int line = 0;
    while (line < text.length()) {
      int start = ScriptBody.afterSpaces(text, line);
      int next = start;
      if (text.startsWith(EXPORT, start)) {
        next = export(start);
      }
      for (String print : PRINTS) {
        if (text.startsWith(print, start)) {
          next = file(start, start + print.length());
        }
      }
      if (next == start) {
        lookForFiles(start, ScriptBody.lineEnd(text, start));
      }
      line = ScriptBody.lineEnd(text, next) + 1;
    }
    return !unclear;
  }

  private int export(int start) {
    int name = start + EXPORT.length();
    int equals = text.indexOf('=', name);
    if (equals < 0) {
      return start;
    }
    String its = text.substring(name, equals);
    Optional<Word> word = word(equals + 1, "\n");
    if (word.isEmpty()) {
      unclear |=
          names.brief().contains(its)
              && !own.hold(body.layer(), start, ScriptBody.lineEnd(text, equals));
      return start;
    }
    if (names.all().contains(its)) {
      boolean path = word.get().path() || files.contains(its);
      blank(start, word.get(), !path);
    }
    return word.get().end();
  }

  private int file(int start, int from) {
    Optional<Word> word = word(from, INTO);
    if (word.isEmpty() || !text.startsWith(INTO, word.get().end())) {
      return start;
    }
    int path = word.get().end() + INTO.length();
    int end = ScriptBody.lineEnd(text, path);
    String name = fileName(text.substring(path, end));
    if (names.all().contains(name)) {
      files.add(name);
      blank(start, word.get(), true);
    }
    return end;
  }

  private static String fileName(String path) {
    return path.replaceFirst("^(\\$?['\"])?(?s:.*/)?", "").replaceFirst("['\"]$", "");
  }

  /** A file of one of the names that is written in another manner is not understood. */
  private void lookForFiles(int start, int end) {
    if (own.hold(body.layer(), start, end)) {
      return;
    }
    int at = start;
    while (at < end && !unclear) {
      char c = text.charAt(at);
      if (c == '>') {
        Matcher target = TARGET.matcher(text).region(at + 1, end);
        unclear = target.lookingAt() && names.all().contains(fileName(target.group(1)));
      }
      at = c == '\'' || c == '"' ? afterQuotes(at, end) : at + (c == '\\' ? 2 : 1);
    }
  }

  /** Behind a quoted part of a line; where that goes on in the next line, the line's end. */
  private int afterQuotes(int at, int end) {
    char quote = text.charAt(at);
    boolean plain = quote == '\'' && !text.startsWith("$", at - 1);
    int closing = plain ? text.indexOf(quote, at + 1) : body.layer().closing(at + 1, quote);
    return closing < 0 || closing > end ? end : closing + 1;
  }

  private void blank(int start, Word word, boolean isValue) {
    if (own.hold(body.layer(), start, word.end())) {
      return;
    }
    cuts.add(body.layer(), word.start(), word.end());
    if (isValue) {
      learned.add(word.value());
    }
  }

  /**
   * A word as gitlab-runner writes it.
   *
   * @param path whether it is a path in double quotes, where values are not
   */
  private record Word(int start, int end, String value, boolean path) {
    @Override
    public String toString() {
      return "Word";
    }
  }

  /**
   * Reads a word.
   *
   * @param stop what is behind it, where it has no quotes
   * @return empty where gitlab-runner does not write words so
   */
  private Optional<Word> word(int start, String stop) {
    boolean ansi = body.quoting() == ScriptLayer.Quoting.ANSI;
    if (text.startsWith("$'", start)) {
      return quoted(start, start + 2, '\'', ScriptLayer.Quoting.ANSI);
    }
    if (text.startsWith("\"", start)) {
      return quoted(start, start + 1, '"', ScriptLayer.Quoting.POSIX)
          .map(word -> new Word(word.start(), word.end(), word.value(), ansi));
    }
    int found = text.indexOf(stop, start);
    int end = found < 0 ? text.length() : found;
    String bare = text.substring(start, end);
    if (bare.equals("''")) {
      return Optional.of(new Word(start, start, "", false));
    }
    return isBare(bare, ansi) ? Optional.of(new Word(start, end, bare, false)) : Optional.empty();
  }

  private Optional<Word> quoted(int start, int from, char quote, ScriptLayer.Quoting quoting) {
    int closing = body.layer().closing(from, quote);
    return closing < 0
        ? Optional.empty()
        : Optional.of(
            new Word(
                start, closing + 1, body.layer().unquoted(from, closing, quoting).text(), false));
  }

  private static boolean isBare(String word, boolean ansi) {
    return word.chars()
        .noneMatch(c -> ansi ? BARE.indexOf(c) < 0 : QUOTED_IN_POSIX.indexOf(c) >= 0);
  }
}
