package dev.mayfly.detect;

import dev.mayfly.event.Event;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Makes fields that are read from the same thing.
 *
 * @param kinds the events that have it
 * @param ofAnyProcess whether it is of the process that is looked at, which may be an ancestor
 * @param thing null where an event has none
 * @param <S> what they are read from
 */
record FieldGroup<S>(Set<EventKind> kinds, boolean ofAnyProcess, Field.Reader<S> thing) {

  /** Of events of one type. */
  static <E extends Event> FieldGroup<E> of(EventKind kind, Class<E> type) {
    return new FieldGroup<>(
        Set.of(kind),
        false,
        (scene, _) -> type.isInstance(scene.event()) ? type.cast(scene.event()) : null);
  }

  Field flag(String name, String description, Function<S, @Nullable Boolean> value) {
    return new Field.Flag(about(name, description), reader(value));
  }

  Field number(String name, String description, Function<S, @Nullable Long> value) {
    return new Field.Numeric(about(name, description), reader(value));
  }

  Field text(String name, String description, Function<S, @Nullable String> value) {
    return new Field.Text(about(name, description), reader(value));
  }

  Field choice(
      String name, String description, List<String> words, Function<S, @Nullable String> value) {
    return new Field.Choice(about(name, description), words, reader(value));
  }

  /**
   * @param words all that one can be; empty where that is anything
   */
  Field texts(
      String name,
      String description,
      List<String> words,
      Function<S, @Nullable List<String>> value) {
    return new Field.Texts(about(name, description), words, reader(value), null);
  }

  Field address(String name, String description, Function<S, @Nullable InetAddress> value) {
    return new Field.Address(about(name, description), reader(value));
  }

  private Field.About about(String name, String description) {
    return new Field.About(name, description, kinds, ofAnyProcess);
  }

  private <T> Field.Reader<T> reader(Function<S, @Nullable T> value) {
    return (scene, actor) -> {
      S read = thing.read(scene, actor);
      return read == null ? null : value.apply(read);
    };
  }
}
