package dev.mayfly.detect;

import dev.mayfly.event.Actor;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.Quote;
import dev.mayfly.yaml.Complaints;
import dev.mayfly.yaml.Nearest;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A text with fields in it, such as {@code {file.path}}. */
public final class Template {
  /** What stands for a field that the event does not have. */
  private static final String NONE = "-";

  private final String text;
  private final List<Part> parts;

  private Template(String text, List<Part> parts) {
    this.text = text;
    this.parts = List.copyOf(parts);
  }

  private sealed interface Part {
    record Plain(String text) implements Part {}

    record Of(Field field) implements Part {}
  }

  /**
   * Reads a template.
   *
   * @return empty where something is wrong, which was complained about then
   */
  static Optional<Template> parse(String text, Complaints complaints) {
    List<Part> parts = new ArrayList<>();
    int at = 0;
    boolean wrong = false;
    for (int open = text.indexOf('{'); open >= 0; open = text.indexOf('{', at)) {
      int close = text.indexOf('}', open);
      if (close < 0) {
        complaints.add(open, "this brace is never closed: write a field as {file.path}");
        return Optional.empty();
      }
      parts.add(new Part.Plain(text.substring(at, open)));
      String name = text.substring(open + 1, close);
      Optional<Field> field = Fields.named(name);
      field.ifPresent(its -> parts.add(new Part.Of(its)));
      if (field.isEmpty()) {
        wrong = true;
        complaints.add(
            open + 1,
            "there is no field "
                + Quote.of(name)
                + Nearest.to(name, Fields.names())
                    .map(near -> ", did you mean " + Quote.of(near) + "?")
                    .orElse(": write one as {file.path}"));
      }
      at = close + 1;
    }
    parts.add(new Part.Plain(text.substring(at)));
    return wrong ? Optional.empty() : Optional.of(new Template(text, parts));
  }

  /** As it is written. */
  public String text() {
    return text;
  }

  List<Field> fields() {
    return parts.stream()
        .filter(Part.Of.class::isInstance)
        .map(part -> ((Part.Of) part).field())
        .toList();
  }

  /** With the values of an event. */
  String of(Scene scene) {
    StringBuilder filled = new StringBuilder();
    for (Part part : parts) {
      switch (part) {
        case Part.Plain plain -> filled.append(plain.text());
        case Part.Of of -> filled.append(value(of.field(), scene, scene.actor()).orElse(NONE));
      }
    }
    return filled.toString();
  }

  /** The value of a field as text; empty where the event does not have it. */
  static Optional<String> value(Field field, Scene scene, Actor actor) {
    return Optional.ofNullable(field.reader().read(scene, actor)).map(Template::show);
  }

  private static String show(Object value) {
    return switch (value) {
      case Boolean flag -> flag ? "yes" : "no";
      case InetAddress address -> IpRange.show(address);
      case List<?> list -> String.join(" ", list.stream().map(String::valueOf).toList());
      default -> value.toString();
    };
  }

  @Override
  public String toString() {
    return text;
  }
}
