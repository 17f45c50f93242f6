package dev.mayfly.detect;

import dev.mayfly.yaml.Node;
import dev.mayfly.yaml.Position;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What of a file others must know before any of them is checked, as far as it is there: its lists
 * and the ids of its rules.
 */
record Outline(List<NamedList> lists, List<Id> ids) {

  record NamedList(Position at, String name, List<String> values) {}

  record Id(Position at, String id) {}

  static Outline of(Node root) {
    return new Outline(
        value(root, "lists").stream()
            .flatMap(Outline::entries)
            .map(entry -> new NamedList(entry.at(), entry.key(), texts(entry.value())))
            .toList(),
        value(root, "rules").stream()
            .flatMap(Outline::items)
            .flatMap(rule -> value(rule, "id").stream())
            .flatMap(Outline::scalars)
            .map(id -> new Id(id.at(), id.text()))
            .toList());
  }

  private static Optional<Node> value(Node node, String key) {
    return entries(node)
        .filter(entry -> entry.key().equals(key))
        .map(Node.Entry::value)
        .findFirst();
  }

  private static Stream<Node.Entry> entries(Node node) {
    return node instanceof Node.Mapping mapping ? mapping.entries().stream() : Stream.of();
  }

  private static Stream<Node> items(Node node) {
    return node instanceof Node.Sequence sequence ? sequence.items().stream() : Stream.of();
  }

  private static Stream<Node.Scalar> scalars(Node node) {
    return node instanceof Node.Scalar scalar ? Stream.of(scalar) : Stream.of();
  }

  private static List<String> texts(Node list) {
    return items(list).flatMap(Outline::scalars).map(Node.Scalar::text).toList();
  }
}
