package dev.mayfly.yaml;

import java.util.List;

/** A value of the file with its place. */
public sealed interface Node {
  Position at();

  /**
   * A single value.
   *
   * @param text as the file has it, without quotes and with escapes resolved
   */
  record Scalar(Position at, Kind kind, String text) implements Node {
    public enum Kind {
      TEXT,
      NUMBER,
      BOOLEAN,
      NULL
    }

    public boolean empty() {
      return kind == Kind.NULL;
    }
  }

  /** Keys with values, in the order of the file, each key once. */
  record Mapping(Position at, List<Entry> entries) implements Node {}

  record Entry(Position at, String key, Node value) {}

  record Sequence(Position at, List<Node> items) implements Node {}

  /** What was reported already and is not to be reported again. */
  record Broken(Position at) implements Node {}
}
