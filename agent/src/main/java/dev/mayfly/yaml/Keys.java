package dev.mayfly.yaml;

import dev.mayfly.policy.Quote;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The keys of one section of the file. A reader asks for every key that there is; what the file has
 * beyond those is unknown.
 */
public final class Keys {
  private final Node.Mapping mapping;
  private final Problems problems;
  private final List<Key<?>> asked = new ArrayList<>();

  Keys(Node.Mapping mapping, Problems problems) {
    this.mapping = mapping;
    this.problems = problems;
  }

  /**
   * A key that a section may have.
   *
   * @param description one or more sentences for the person who writes the file
   * @param absent what holds where the file does not have the key, if that is one value
   */
  public record Key<T>(
      String name, String description, Shape<T> shape, Optional<T> absent, boolean required) {

    /** {@link #absent} as a single JSON value, where it can be written as one. */
    public Optional<Object> shownAbsent() {
      return absent.flatMap(shape::show);
    }
  }

  /** The value of a key, or its default. */
  public <T> T get(String name, String description, Shape<T> shape, T absent) {
    return read(new Key<>(name, description, shape, Optional.of(absent), false)).orElse(absent);
  }

  /** The value of a key that has no default. */
  public <T> Optional<T> find(String name, String description, Shape<T> shape) {
    return read(new Key<>(name, description, shape, Optional.empty(), false));
  }

  /**
   * The value of a key that must be there.
   *
   * @param standIn lets the reader go on where it is not; nobody sees it, for the reading fails
   */
  public <T> T require(String name, String description, Shape<T> shape, T standIn) {
    if (entry(name).isEmpty()) {
      problems.add(mapping.at(), "key \"" + name + "\" is missing: add " + name + ": …");
    }
    return read(new Key<>(name, description, shape, Optional.empty(), true)).orElse(standIn);
  }

  private <T> Optional<T> read(Key<T> key) {
    asked.add(key);
    return entry(key.name())
        .flatMap(entry -> key.shape().read(key.name(), entry.value(), problems));
  }

  private Optional<Node.Entry> entry(String name) {
    return mapping.entries().stream().filter(entry -> entry.key().equals(name)).findFirst();
  }

  /** Whether the section has a key, whatever its value is. */
  public boolean has(String name) {
    return entry(name).isPresent();
  }

  /** The keys in the section that is a key's value, whether they could be read or not. */
  public List<String> namesIn(String name) {
    return entry(name).map(Node.Entry::value).stream()
        .filter(Node.Mapping.class::isInstance)
        .flatMap(value -> ((Node.Mapping) value).entries().stream())
        .map(Node.Entry::key)
        .toList();
  }

  /**
   * Reports the names that were used so far and that nothing defines.
   *
   * @param noun what they name
   */
  public void checkReferences(String noun, Collection<String> defined) {
    for (Problems.Reference reference : problems.references()) {
      if (!defined.contains(reference.name())) {
        problems.add(
            reference.at(),
            "there is no %s %s%s"
                .formatted(
                    noun,
                    Quote.of(reference.name()),
                    Nearest.to(reference.name(), defined)
                        .map(near -> ", did you mean \"" + near + "\"?")
                        .orElseGet(() -> ": the known ones are " + String.join(", ", defined))));
      }
    }
  }

  /**
   * Reports what is wrong with keys that can be read each by itself.
   *
   * @param name the key at whose value it is told, or else at the section
   */
  public void complain(String name, String message) {
    problems.add(placeOf(name), message);
  }

  /** Where the value of a key is; where the section is, if it has no such key. */
  Position placeOf(String name) {
    return entry(name).map(entry -> entry.value().at()).orElse(mapping.at());
  }

  /** What a reader asks for, learned by letting it read a section that has nothing. */
  static List<Key<?>> askedBy(Function<Keys, ?> reader) {
    Position nowhere = new Position(1, 1);
    Keys keys =
        new Keys(new Node.Mapping(nowhere, List.of()), new Problems(Path.of("description"), ""));
    var _ = reader.apply(keys);
    return List.copyOf(keys.asked);
  }

  void reportUnknown() {
    List<String> names = asked.stream().<String>map(Key::name).toList();
    for (Node.Entry entry : mapping.entries()) {
      if (!names.contains(entry.key())) {
        problems.add(
            entry.at(), "unknown key " + Quote.of(entry.key()) + meant(entry.key(), names));
      }
    }
  }

  private String meant(String unknown, List<String> names) {
    Optional<String> home =
        asked.stream()
            .filter(key -> key.shape() instanceof Shape.Section<?> section && has(section, unknown))
            .<String>map(Key::name)
            .findFirst();
    return home.map(section -> ": it belongs under \"" + section + "\"")
        .or(() -> Nearest.to(unknown, names).map(near -> ", did you mean \"" + near + "\"?"))
        .orElseGet(() -> ": the keys here are " + names.stream().collect(Collectors.joining(", ")));
  }

  private static boolean has(Shape.Section<?> section, String name) {
    return section.keys().stream().anyMatch(key -> key.name().equals(name));
  }
}
