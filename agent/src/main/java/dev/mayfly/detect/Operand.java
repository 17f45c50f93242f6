package dev.mayfly.detect;

import java.util.List;

/** What stands behind an operator. */
record Operand(int offset, List<Value> values, Form form) {

  /**
   * One value.
   *
   * @param offset where it is written; of a list's, where that list is named
   */
  record Value(int offset, String text) {}

  /** How it is written. */
  enum Form {
    SINGLE,
    LIST,
    /** By the name of a list. */
    NAMED,
    /** By the name of a list that there is not: that was complained about. */
    BROKEN
  }

  List<String> texts() {
    return values.stream().map(Value::text).toList();
  }
}
