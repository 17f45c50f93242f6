package dev.mayfly.yaml;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.mayfly.policy.Quote;
import dev.mayfly.yaml.Node.Entry;
import dev.mayfly.yaml.Node.Scalar;
import dev.mayfly.yaml.Node.Scalar.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * Reads YAML into located {@link Node}s. Of YAML's features only those are taken that a
 * configuration needs: anchors, aliases, tags and further documents are errors, so that nothing in
 * the file is more than it looks like.
 */
final class YamlTree {
  private static final YAMLFactory YAML = new YAMLFactory();

  /** What is not in c-printable of the YAML specification, section 5.1. */
  private static final Pattern UNPRINTABLE =
      Pattern.compile(
          "[^\\t\\n\\r\\x20-\\x7e\\x85\\xa0-\\ud7ff\\ue000-\\ufffd\\x{10000}-\\x{10ffff}]");

  private static final int DEEPEST = 32;

  private final YAMLParser parser;
  private final Problems problems;
  private final List<String> lines;
  private int depth;

  private YamlTree(YAMLParser parser, Problems problems, String text) {
    this.parser = parser;
    this.problems = problems;
    this.lines = text.lines().toList();
  }

  /** The syntax is broken from here on; what is wrong is among the problems. */
  private static final class Unparseable extends Exception {
    private static final long serialVersionUID = 1;
  }

  /**
   * Reads one document.
   *
   * @return empty where the text has no value, or none that could be parsed: the problems then tell
   */
  static Optional<Node> read(String text, Problems problems) {
    try (YAMLParser parser = YAML.createParser(text)) {
      YamlTree tree = new YamlTree(parser, problems, text);
      tree.requirePrintable(text);
      if (tree.next() == null) {
        return Optional.empty();
      }
      Node root = tree.node();
      if (tree.next() != null) {
        problems.add(
            tree.here(), "a second document starts here: keep one and delete the \"---\" line");
      }
      return Optional.of(root);
    } catch (Unparseable reported) {
      return Optional.empty();
    } catch (IOException e) {
      throw new IllegalStateException("closing a parser of a string failed", e);
    }
  }

  /** The parser refuses these too, but does not tell where they are. */
  private void requirePrintable(String text) throws Unparseable {
    Matcher matcher = UNPRINTABLE.matcher(text);
    if (matcher.find()) {
      String before = text.substring(0, matcher.start());
      throw unparseable(
          new Position(
              1 + (int) before.chars().filter(c -> c == '\n').count(),
              before.length() - before.lastIndexOf('\n')),
          "character U+%04X is not allowed in YAML: remove it"
              .formatted(text.codePointAt(matcher.start())));
    }
  }

  private Node node() throws Unparseable {
    Position at = here();
    if (unsupported(at)) {
      skip();
      return new Node.Broken(at);
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> mapping(at);
      case START_ARRAY -> sequence(at);
      case VALUE_STRING -> new Scalar(at, Kind.TEXT, text());
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Scalar(at, Kind.NUMBER, text());
      case VALUE_TRUE, VALUE_FALSE -> bool(at, text());
      case VALUE_NULL -> new Scalar(at, Kind.NULL, "");
      default -> throw unparseable(at, "this is not a value: write text, a number, true or false");
    };
  }

  /** Jackson takes YAML 1.1's yes, no, on and off for booleans; to editors they are text. */
  private static Scalar bool(Position at, String text) {
    boolean plain = text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false");
    return new Scalar(at, plain ? Kind.BOOLEAN : Kind.TEXT, text);
  }

  /** The parser does not tell of the anchor of a single text. */
  private boolean startsWithAnchor(Position at) {
    return at.line() <= lines.size()
        && at.column() <= lines.get(at.line() - 1).length()
        && lines.get(at.line() - 1).charAt(at.column() - 1) == '&';
  }

  private boolean unsupported(Position at) throws Unparseable {
    try {
      if (parser.isCurrentAlias()) {
        problems.add(at, "aliases (*name) are not supported: write the value out");
        return true;
      }
      if (parser.getObjectId() != null || startsWithAnchor(at)) {
        problems.add(at, "anchors (&name) are not supported: write the value out where it is used");
        return true;
      }
      if (parser.getTypeId() != null) {
        problems.add(at, "tags (!name) are not supported: write the value without one");
        return true;
      }
      return false;
    } catch (IOException e) {
      throw unparseable(at, String.valueOf(e.getMessage()));
    }
  }

  private void skip() throws Unparseable {
    int open = 0;
    do {
      JsonToken token = parser.currentToken();
      open += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
    } while (open > 0 && next() != null);
  }

  private Node.Mapping mapping(Position at) throws Unparseable {
    descend(at);
    Map<String, Entry> entries = new LinkedHashMap<>();
    while (next() == JsonToken.FIELD_NAME) {
      Position keyAt = here();
      String key = text();
      next();
      Entry entry = new Entry(keyAt, key, node());
      Entry first = entries.putIfAbsent(key, entry);
      if (first != null) {
        problems.add(
            keyAt,
            "key "
                + Quote.of(key)
                + " is given twice, first in line "
                + first.at().line()
                + ": delete one of them");
      }
    }
    depth--;
    return new Node.Mapping(at, List.copyOf(entries.values()));
  }

  private Node.Sequence sequence(Position at) throws Unparseable {
    descend(at);
    List<Node> items = new ArrayList<>();
    while (next() != JsonToken.END_ARRAY) {
      items.add(node());
    }
    depth--;
    return new Node.Sequence(at, List.copyOf(items));
  }

  private void descend(Position at) throws Unparseable {
    if (++depth > DEEPEST) {
      throw unparseable(
          at, "nested more than " + DEEPEST + " levels deep: nothing here needs that");
    }
  }

  private String text() throws Unparseable {
    try {
      return parser.getText();
    } catch (IOException e) {
      throw unparseable(here(), String.valueOf(e.getMessage()));
    }
  }

  private Position here() {
    return position(parser.currentTokenLocation());
  }

  private static Position position(JsonLocation location) {
    return new Position(Math.max(1, location.getLineNr()), Math.max(1, location.getColumnNr()));
  }

  private @Nullable JsonToken next() throws Unparseable {
    try {
      return parser.nextToken();
    } catch (JsonProcessingException e) {
      throw e.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null
          ? unparseable(
              new Position(
                  marked.getProblemMark().getLine() + 1, marked.getProblemMark().getColumn() + 1),
              "not valid YAML: " + marked.getProblem())
          : unparseable(position(e.getLocation()), "not valid YAML: " + reason(e));
    } catch (IOException e) {
      throw unparseable(here(), "not valid YAML: " + reason(e));
    }
  }

  private static String reason(IOException e) {
    String message =
        e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
    if (message == null) {
      return "it cannot be parsed";
    }
    // The rest of this message is the parser's inner state.
    return message.startsWith("Expected a field name")
        ? "a key must be a single text that is written out"
        : message.lines().findFirst().orElse("").replaceFirst("^(.{150}).*", "$1…");
  }

  private Unparseable unparseable(Position at, String message) {
    problems.add(at, message);
    return new Unparseable();
  }
}
