package dev.mayfly.runner.gitlab;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes TOML 1.0: nested maps become tables, lists of maps become arrays of tables. */
final class Toml {
  private final StringBuilder text = new StringBuilder();

  private Toml() {}

  /**
   * A document.
   *
   * @param root values are text, whole numbers, decimals, booleans, lists and maps of these
   * @throws IllegalArgumentException where something else is among them
   */
  static String of(Map<String, ?> root) {
    Toml toml = new Toml();
    toml.table(List.of(), root);
    return toml.text.toString();
  }

  private void table(List<String> path, Map<?, ?> values) {
    values.forEach(
        (key, value) -> {
          if (!isTable(value) && !isTables(value)) {
            text.append(key(String.valueOf(key))).append(" = ").append(inline(value)).append('\n');
          }
        });
    values.forEach(
        (key, value) -> {
          List<String> below = new ArrayList<>(path);
          below.add(key(String.valueOf(key)));
          String name = String.join(".", below);
          if (isTable(value)) {
            text.append("\n[").append(name).append("]\n");
            table(below, (Map<?, ?>) value);
          } else if (isTables(value)) {
            for (Object one : (List<?>) value) {
              text.append("\n[[").append(name).append("]]\n");
              table(below, (Map<?, ?>) one);
            }
          }
        });
  }

  private static boolean isTable(Object value) {
    return value instanceof Map<?, ?>;
  }

  private static boolean isTables(Object value) {
    return value instanceof List<?> list
        && !list.isEmpty()
        && list.stream().allMatch(Toml::isTable);
  }

  private static String inline(Object value) {
    return switch (value) {
      case String string -> quoted(string);
      case Integer _, Long _, Boolean _ -> value.toString();
      case Double number when Double.isFinite(number) -> value.toString();
      case List<?> list ->
          list.stream().map(Toml::inline).collect(Collectors.joining(", ", "[", "]"));
      case Map<?, ?> map ->
          map.entrySet().stream()
              .map(entry -> key(String.valueOf(entry.getKey())) + " = " + inline(entry.getValue()))
              .collect(Collectors.joining(", ", "{", "}"));
      default ->
          throw new IllegalArgumentException(
              "TOML has no " + value.getClass().getSimpleName() + ": " + value);
    };
  }

  private static String key(String name) {
    return name.matches("[A-Za-z0-9_-]+") ? name : quoted(name);
  }

  /** A basic string. */
  private static String quoted(String string) {
    StringBuilder out = new StringBuilder("\"");
    string
        .codePoints()
        .forEach(
            c -> {
              if (c == '"' || c == '\\') {
                out.append('\\').appendCodePoint(c);
              } else if (c < 0x20 || c == 0x7f) {
                out.append("\\u%04X".formatted(c));
              } else {
                out.appendCodePoint(c);
              }
            });
    return out.append('"').toString();
  }
}
