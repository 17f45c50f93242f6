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
  private static final byte[] REPLACEMENT = "\ufffd".getBytes(UTF_8);

  /** Commands with the same first line; of more the rest are not known to be the job's. */
  private static final int MOST_ALIKE = 16;

  private static final int MOST_ROUNDS = 8;

  private final Set<String> names = new HashSet<>();
  private final Set<String> values = new LinkedHashSet<>();
  private final Set<String> exact = new LinkedHashSet<>();
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
        learn(bytes(value), values);
        learn(bytes(value.strip()), values);
        exact.add(bytes(value.strip()));
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
          all.computeIfAbsent(
              command.substring(0, ScriptBody.lineEnd(command, 0)), _ -> new ArrayList<>());
      if (!command.isEmpty() && same.size() < MOST_ALIKE && !same.contains(command)) {
        same.add(command);
      }
    }
    return all;
  }

  private static void learn(String value, Set<String> all) {
    if (value.length() >= SHORTEST_CUT) {
      all.add(folded(value));
    }
  }

  /** The form in which texts are compared: GitLab makes some of its variables lower-case. */
  private static String folded(String text) {
    char[] folded = text.toCharArray();
    for (int i = 0; i < folded.length; i++) {
      if (folded[i] >= 'A' && folded[i] <= 'Z') {
        folded[i] = Character.toLowerCase(folded[i]);
      }
    }
    return new String(folded);
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
      Spans cuts = found(rest);
      if (cuts.isEmpty()) {
        return new String(rest.getBytes(ISO_8859_1), UTF_8);
      }
      rest = cuts.cutFrom(rest);
    }
    return "";
  }

  /** Whether a text has a value that is withheld. */
  boolean isIn(String text) {
    return !found(bytes(text)).isEmpty();
  }

  /**
   * Whether a command of the job has a value that is withheld, as it is or with characters escaped
   * for a shell.
   */
  boolean isInCommand(String command) {
    String text = bytes(command);
    return hasAny(text, exact)
        || hasAny(bare(text), exact.stream().map(ScriptScope::bare).toList());
  }

  private static boolean hasAny(String text, Collection<String> values) {
    return values.stream()
        .anyMatch(value -> value.length() >= SHORTEST_CUT && text.contains(value));
  }

  private static String bare(String text) {
    return text.replace("\\", "");
  }

  private Spans found(String text) {
    Spans found = new Spans();
    ScriptLayer layer = ScriptLayer.of(text);
    cut(layer, values, new Spans(), found);
    layer.decoded().forEach(decoded -> cut(decoded, values, new Spans(), found));
    return found;
  }

  /** Takes the secrets out, and looks again whether they are. */
  Scoped scope(byte[] script) {
    if (names.isEmpty()) {
      return new Scoped.Script(script);
    }
    if (script.length > LONGEST_SCRIPT) {
      return new Scoped.Unclear("it has more than " + (LONGEST_SCRIPT >> 20) + " MiB");
    }
    String text = new String(script, ISO_8859_1);
    Set<String> all = new LinkedHashSet<>(values);
    for (int round = 0; round < MOST_ROUNDS; round++) {
      Optional<ScriptBody> body = ScriptBody.of(text);
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
        return new Scoped.Unclear(
            "it assigns to one of them, or writes its file, in a form that is not known");
      }
      if (cuts.isEmpty()) {
        return new Scoped.Script(text.getBytes(ISO_8859_1));
      }
      text = cuts.cutFrom(text);
    }
    return new Scoped.Unclear("a value that is taken out comes together again");
  }

  private boolean cuts(String script, ScriptBody body, Set<String> all, Spans cuts) {
    List<ScriptLayer> layers = new ArrayList<>();
    layers.add(ScriptLayer.of(script));
    layers.add(body.layer());
    layers.add(body.layer().unquoted(ScriptLayer.Quoting.ANSI));
    if (body.quoting() == ScriptLayer.Quoting.POSIX) {
      layers.add(body.layer().unquoted(ScriptLayer.Quoting.POSIX));
    }
    Spans own = ownCommands(body.layer());
    Set<String> learned = new LinkedHashSet<>();
    boolean clear =
        new ScriptAssignments(
                body, new ScriptAssignments.Names(names, shortNames), own, cuts, learned)
            .find();
    learned.forEach(value -> learn(value, all));
    Spans stays = own;
    for (ScriptLayer layer : List.copyOf(layers)) {
      layers.addAll(layer.decoded());
    }
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
    String text = folded(layer.text());
    for (String value : values) {
      new Occurrences(value)
          .in(
              text,
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
    for (int line = 0; line < text.length(); line = ScriptBody.lineEnd(text, line) + 1) {
      int start = ScriptBody.afterSpaces(text, line);
      String first = text.substring(start, ScriptBody.lineEnd(text, start));
      for (String command : commands.getOrDefault(first, List.of())) {
        int end = start + command.length();
        if (text.startsWith(command, start) && ScriptBody.lineEnd(text, end) == end) {
          found.add(body, start, end);
        }
      }
    }
    return found;
  }
}
