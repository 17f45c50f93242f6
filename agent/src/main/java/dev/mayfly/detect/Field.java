package dev.mayfly.detect;

import dev.mayfly.event.Actor;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a condition can ask of an event. */
sealed interface Field {

  /**
   * What is known of a field without an event.
   *
   * @param description a sentence for who writes rules
   * @param kinds the events that may have it
   * @param ofAnyProcess whether ancestors have it, too
   */
  record About(String name, String description, Set<EventKind> kinds, boolean ofAnyProcess) {}

  /**
   * Reads a field.
   *
   * @param <T> what it is
   */
  @FunctionalInterface
  interface Reader<T> {
    /**
     * The value, or null where the event does not have it.
     *
     * @param actor the event's process or an ancestor of it
     */
    @Nullable T read(Scene scene, Actor actor);
  }

  About about();

  /** The type, for a person. */
  String type();

  Reader<?> reader();

  default String name() {
    return about().name();
  }

  record Flag(About about, Reader<Boolean> reader) implements Field {
    @Override
    public String type() {
      return "yes/no";
    }
  }

  record Numeric(About about, Reader<Long> reader) implements Field {
    @Override
    public String type() {
      return "number";
    }
  }

  record Text(About about, Reader<String> reader) implements Field {
    @Override
    public String type() {
      return "text";
    }
  }

  /**
   * One of a few words.
   *
   * @param words all that it can be
   */
  record Choice(About about, List<String> words, Reader<String> reader) implements Field {
    @Override
    public String type() {
      return "choice";
    }
  }

  /**
   * Several texts.
   *
   * @param words all that one can be; empty where that is anything
   * @param together a text that has all of them in it, or null where there is none at hand
   */
  record Texts(
      About about,
      List<String> words,
      Reader<List<String>> reader,
      @Nullable Reader<String> together)
      implements Field {
    @Override
    public String type() {
      return "list";
    }
  }

  record Address(About about, Reader<InetAddress> reader) implements Field {
    @Override
    public String type() {
      return "address";
    }
  }
}
