package dev.mayfly.it;

import dev.mayfly.event.Event;
import dev.mayfly.monitor.EventSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Keeps what an event source tells of a sandbox. */
final class SeenEvents implements EventSource.Sink {
  private final ConcurrentLinkedQueue<Event> events = new ConcurrentLinkedQueue<>();
  private final ConcurrentLinkedQueue<String> losses = new ConcurrentLinkedQueue<>();
  private final Map<String, Long> counts = new ConcurrentHashMap<>();

  @Override
  public void event(Event event) {
    events.add(event);
  }

  @Override
  public void counted(String what, long count) {
    counts.merge(what, count, Long::sum);
  }

  @Override
  public void lost(String what, long count) {
    losses.add(count + " " + what);
  }

  List<Event> all() {
    return List.copyOf(events);
  }

  <E extends Event> List<E> all(Class<E> kind) {
    return events.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  /** The arguments of each execution. */
  List<List<String>> commands() {
    return all(Event.Executed.class).stream().map(Event.Executed::arguments).toList();
  }

  Map<String, Long> counts() {
    return Map.copyOf(counts);
  }

  List<String> losses() {
    return new ArrayList<>(losses);
  }
}
