package dev.mayfly.runner.gitlab;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Takes secrets out of the scripts that gitlab-runner writes, before a sandbox sees them.
 *
 * <p>Such a script is {@code : | eval $'…'} (or, with {@code FF_POSIXLY_CORRECT_ESCAPES}, {@code :
 * | eval "…"}), and within that come lines of {@code export NAME=WORD} for each variable, of {@code
 * printf '%s' WORD > "…/NAME"} for those of type file, then what the stage is about. Words are
 * quoted in the same manner once more.
 */
final class ScriptScope {
  /** Shorter values are taken out of their own assignments only. */
  static final int SHORTEST_CUT = 6;

  private static final int LONGEST_SCRIPT = 8 << 20;
  private static final int LARGE_SCRIPT = 256 << 10;

  /** Each byte of a script takes some twenty of memory while it is looked at. */
  static final ReentrantLock LARGE_ONES_TURN = new ReentrantLock();

  private static final byte[] REPLACEMENT = "\ufffd".getBytes(UTF_8);

  /** Commands with the same first line; of more the rest are not known to be the job's. */
  private static final int MOST_ALIKE = 16;

  private static final int MOST_ROUNDS = 8;
  private static final String EXPORT = "export ";
  private static final List<String> PRINTF = List.of("printf '%s' ", "printf %s ");
  private static final String BARE =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz,-./@_%+=:";
  private static final String QUOTED_IN_POSIX = "`\"\\$ !#%&()*<=>?[|";
  private static final String INTO = " > ";

  private final Set<String> names = new HashSet<>();
  private final Set<String> values = new LinkedHashSet<>();
  private final Set<String> shortNames = new HashSet<>();
  private final boolean shortWithNewline;
  private final List<String> kept;
  private final Map<String, List<String>> commands;

  /** What a script has become. */
  sealed interface Scoped {
    /** The script without the secrets. */
    record Script(byte[] bytes) implements Scoped {}

    /** It can't be told whether it is without them. */
    record Unclear(String reason) implements Scoped {}
  }

  /**
   * A variable to withhold. Its text has no value.
   *
   * @param values that it may have
   */
  record Secret(String name, Collection<String> values) {
    Secret {
      values = List.copyOf(values);
    }

    @Override
    public String toString() {
      return "Secret[" + name + "]";
    }
  }

  /**
   * What stays as it is even where it holds a secret's value.
   *
   * @param texts that a job can't run without, such as its token
   * @param commands of the job itself, which are no secret's place
   */
  record Kept(Collection<String> texts, Collection<String> commands) {
    static final Kept NOTHING = new Kept(List.of(), List.of());

    Kept {
      texts = List.copyOf(texts);
      commands = List.copyOf(commands);
    }

    @Override
    public String toString() {
      return "Kept";
    }
  }

  ScriptScope(Collection<Secret> secrets, Kept kept) {
    boolean newline = false;
    for (Secret secret : secrets) {
      names.add(bytes(secret.name()));
      for (String value : secret.values()) {
        learn(bytes(value));
        learn(bytes(value.strip()));
        if (bytes(value).length() < SHORTEST_CUT) {
          shortNames.add(bytes(secret.name()));
        }
        newline |= value.length() < SHORTEST_CUT && value.indexOf('\n') >= 0;
      }
    }
    this.shortWithNewline = newline;
    this.kept =
        kept.texts().stream()
            .map(ScriptScope::bytes)
            .filter(text -> text.length() >= SHORTEST_CUT)
            .distinct()
            .toList();
    this.commands = byFirstLine(kept.commands());
  }

  private static Map<String, List<String>> byFirstLine(Collection<String> commands) {
    Map<String, List<String>> all = new HashMap<>();
    for (String written : commands) {
      String command = bytes(written.strip());
      List<String> same =
          all.computeIfAbsent(command.substring(0, lineEnd(command, 0)), _ -> new ArrayList<>());
      if (!command.isEmpty() && same.size() < MOST_ALIKE && !same.contains(command)) {
        same.add(command);
      }
    }
    return all;
  }

  private void learn(String value) {
    if (value.length() >= SHORTEST_CUT) {
      values.add(value);
    }
  }

  /** Half a pair of surrogates becomes what it becomes in gitlab-runner, which is written in Go. */
  private static String bytes(String text) {
    try {
      ByteBuffer encoded =
          UTF_8
              .newEncoder()
              .onMalformedInput(CodingErrorAction.REPLACE)
              .onUnmappableCharacter(CodingErrorAction.REPLACE)
              .replaceWith(REPLACEMENT)
              .encode(CharBuffer.wrap(text));
      return ISO_8859_1.decode(encoded).toString();
    } catch (CharacterCodingException e) {
      throw new IllegalStateException("what can't be encoded is replaced");
    }
  }

  /** A text, such as a variable's value, without what is withheld. */
  String without(String text) {
    String rest = bytes(text);
    for (int round = 0; round < MOST_ROUNDS; round++) {
      Spans cuts = new Spans();
      cut(ScriptLayer.of(rest), values, new Spans(), cuts);
      if (cuts.isEmpty()) {
        return new String(rest.getBytes(ISO_8859_1), UTF_8);
      }
      rest = cuts.cutFrom(rest);
    }
    return "";
  }

  /** Takes the secrets out, and looks again whether they are. Of large scripts one at a time. */
  Scoped scope(byte[] script) {
    if (names.isEmpty()) {
      return new Scoped.Script(script);
    }
    if (script.length > LONGEST_SCRIPT) {
      return new Scoped.Unclear("it has more than " + (LONGEST_SCRIPT >> 20) + " MiB");
    }
    if (script.length <= LARGE_SCRIPT) {
      return cutFrom(script);
    }
    LARGE_ONES_TURN.lock();
    try {
      return cutFrom(script);
    } finally {
      LARGE_ONES_TURN.unlock();
    }
  }

  private Scoped cutFrom(byte[] script) {
    String text = new String(script, ISO_8859_1);
    Set<String> all = new LinkedHashSet<>(values);
    for (int round = 0; round < MOST_ROUNDS; round++) {
      Optional<Body> body = Body.of(text);
      if (body.isEmpty()) {
        return new Scoped.Unclear("it is not written as gitlab-runner's scripts are known to be");
      }
      if (shortWithNewline && body.get().quoting() == ScriptLayer.Quoting.POSIX) {
        return new Scoped.Unclear(
            "a value of two lines can't be told from its commands; unset "
                + Shell.POSIX_SCRIPTS
                + " in the job");
      }
      Spans cuts = new Spans();
      if (!cuts(text, body.get(), all, cuts)) {
        return new Scoped.Unclear("it assigns to one of them in a form that is not known");
      }
      if (cuts.isEmpty()) {
        return new Scoped.Script(text.getBytes(ISO_8859_1));
      }
      text = cuts.cutFrom(text);
    }
    return new Scoped.Unclear("a value that is taken out comes together again");
  }

  /**
   * What is handed to {@code eval}.
   *
   * @param layer without its quoting
   */
  private record Body(ScriptLayer layer, ScriptLayer.Quoting quoting) {
    private static final String PIPE = "\n: | ";

    static Optional<Body> of(String script) {
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
      return Optional.of(new Body(raw.unquoted(from, to, quoting), quoting));
    }

    private static int afterEval(String script, int at) {
      for (String eval : List.of("eval ", "(eval ")) {
        if (script.startsWith(eval, at)) {
          return at + eval.length();
        }
      }
      return -1;
    }
  }

  private boolean cuts(String script, Body body, Set<String> all, Spans cuts) {
    List<ScriptLayer> layers = new ArrayList<>();
    layers.add(ScriptLayer.of(script));
    layers.add(body.layer());
    layers.add(body.layer().unquoted(ScriptLayer.Quoting.ANSI));
    if (body.quoting() == ScriptLayer.Quoting.POSIX) {
      layers.add(body.layer().unquoted(ScriptLayer.Quoting.POSIX));
    }
    Spans own = ownCommands(body.layer());
    boolean clear = new Assignments(body, own, all, cuts).find();
    Spans stays = own;
    for (ScriptLayer layer : layers) {
      for (String text : kept) {
        new Occurrences(text).in(layer.text(), at -> stays.add(layer, at, at + text.length()));
      }
    }
    for (ScriptLayer layer : layers) {
      cut(layer, all, stays, cuts);
    }
    return clear;
  }

  private static void cut(ScriptLayer layer, Set<String> values, Spans stays, Spans cuts) {
    for (String value : values) {
      new Occurrences(value)
          .in(
              layer.text(),
              at -> {
                if (!stays.hold(layer, at, at + value.length())) {
                  cuts.add(layer, at, at + value.length());
                }
              });
    }
  }

  /** The lines that the job itself has for commands: gitlab-runner writes them as they are. */
  private Spans ownCommands(ScriptLayer body) {
    Spans found = new Spans();
    String text = body.text();
    for (int line = 0; line < text.length(); line = lineEnd(text, line) + 1) {
      int start = afterSpaces(text, line);
      String first = text.substring(start, lineEnd(text, start));
      for (String command : commands.getOrDefault(first, List.of())) {
        int end = start + command.length();
        if (text.startsWith(command, start) && lineEnd(text, end) == end) {
          found.add(body, start, end);
        }
      }
    }
    return found;
  }

  private static int afterSpaces(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
    return at;
  }

  private static int lineEnd(String text, int from) {
    int newline = text.indexOf('\n', from);
    return newline < 0 ? text.length() : newline;
  }

  /** Finds what gitlab-runner assigns to the variables that are withheld. */
  private final class Assignments {
    private final Body body;
    private final String text;
    private final Spans own;
    private final Set<String> all;
    private final Spans cuts;
    private final Set<String> files = new HashSet<>();
    private boolean unclear;

    Assignments(Body body, Spans own, Set<String> all, Spans cuts) {
      this.body = body;
      this.text = body.layer().text();
      this.own = own;
      this.all = all;
      this.cuts = cuts;
    }

    /**
     * Finds them.
     *
     * @return whether all that are there were understood
     */
    boolean find() {
      int line = 0;
      while (line < text.length()) {
        int start = afterSpaces(text, line);
        int next = start;
        if (text.startsWith(EXPORT, start)) {
          next = export(start);
        }
        for (String printf : PRINTF) {
          if (text.startsWith(printf, start)) {
            next = file(start, start + printf.length());
          }
        }
        line = lineEnd(text, next) + 1;
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
            shortNames.contains(its) && !own.hold(body.layer(), start, lineEnd(text, equals));
        return start;
      }
      if (names.contains(its)) {
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
      int end = lineEnd(text, path);
      String name =
          text.substring(path, end)
              .replaceFirst("^(\\$?['\"])?(?s:.*/)?", "")
              .replaceFirst("['\"]$", "");
      if (names.contains(name)) {
        files.add(name);
        blank(start, word.get(), true);
      }
      return end;
    }

    private void blank(int start, Word word, boolean learned) {
      if (own.hold(body.layer(), start, word.end())) {
        return;
      }
      cuts.add(body.layer(), word.start(), word.end());
      if (learned && word.value().length() >= SHORTEST_CUT) {
        all.add(word.value());
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
}
