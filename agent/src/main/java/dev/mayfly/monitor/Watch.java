package dev.mayfly.monitor;

import dev.mayfly.event.Actor;
import dev.mayfly.event.Event;
import dev.mayfly.event.Observation;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is seen of one sandbox: takes events as fast as they come, and looks at them in a thread of
 * its own. What waits is bounded; what there is no room for is lost, and told to be.
 */
public final class Watch implements EventSource.Sink, AutoCloseable {
  private static final long MOST_WAITING = 16 << 20;
  private static final int EVENT_COST = 400;
  private static final int STRING_COST = 24;
  private static final int BATCH = 512;
  private static final int MOST_HELD = 50_000;

  /** Several times as long as a source waits until it looks for events again. */
  private static final Duration HOLD = Duration.ofMillis(30);

  private static final String NO_ROOM = "events came faster than they could be looked at";

  private final Consumer<Observation> listener;
  private final ProcessTree tree = new ProcessTree();
  private final ActivityLog log = new ActivityLog();
  private final Destinations destinations = new Destinations();
  private final Losses losses = new Losses();
  private final Map<String, CompletableFuture<Void>> expected = new HashMap<>();
  private final Queue<Event> waiting = new ArrayDeque<>();
  private final Queue<Held> held = new ArrayDeque<>();
  private final Thread reader;
  private long cost;
  private boolean busy;
  private boolean closed;
  private @Nullable EventSource source;

  /**
   * @param listener gets each event in the watch's own thread; it may take its time, but not for
   *     ever
   */
  public Watch(Consumer<Observation> listener) {
    this.listener = listener;
    this.reader = Thread.ofVirtual().name("watch").start(this::look);
  }

  /**
   * Says where its events come from, before the first one comes.
   *
   * @param root uid of the sandbox's root as the host numbers it
   */
  public synchronized void from(EventSource its, long root) {
    source = its;
    tree.rootIs(root);
  }

  /** Whether events come from somewhere. */
  public synchronized boolean isWatched() {
    return source != null;
  }

  @Override
  public void event(Event event) {
    eventOfSeveral(event);
    pause();
  }

  /** Each wakes nobody: on a busy machine that would take longer than the event itself. */
  @Override
  public void eventOfSeveral(Event event) {
    int weight = weight(event);
    synchronized (this) {
      if (!closed && cost + weight <= MOST_WAITING) {
        cost += weight;
        waiting.add(event);
        return;
      }
    }
    losses.add(NO_ROOM, 1);
  }

  @Override
  public synchronized void pause() {
    if (!busy && !waiting.isEmpty()) {
      notifyAll();
    }
  }

  /**
   * Takes an event of another source, which may tell it before the first one told of its process:
   * it is looked at a little later.
   */
  public synchronized void eventBeside(Event event) {
    if (closed || held.size() == MOST_HELD) {
      losses.add(NO_ROOM, 1);
      return;
    }
    held.add(new Held(event, System.nanoTime() + HOLD.toNanos()));
    notifyAll();
  }

  /**
   * An event that waits.
   *
   * @param due when it may be looked at, by System.nanoTime
   */
  private record Held(Event event, long due) {}

  private static int weight(Event event) {
    int weight = EVENT_COST;
    if (event instanceof Event.Executed executed) {
      for (String argument : executed.arguments()) {
        weight += 2 * (argument.length() + STRING_COST);
      }
    }
    return weight;
  }

  @Override
  public void counted(String what, long count) {
    synchronized (log) {
      log.count(what, count);
    }
  }

  @Override
  public void lost(String what, long count) {
    losses.add(what, count);
  }

  private void look() {
    List<Event> batch = new ArrayList<>(BATCH);
    while (take(batch)) {
      for (Event event : batch) {
        try {
          look(event);
        } catch (RuntimeException e) {
          losses.add("an event could not be looked at: " + e, 1);
        }
      }
      batch.clear();
    }
  }

  private void look(Event event) {
    Observation observation = new Observation(event, tree.apply(event));
    synchronized (log) {
      log.add(observation);
    }
    destinations.add(observation);
    if (event instanceof Event.Executed executed) {
      if (executed.flaws().contains(Event.Executed.Flaw.ARGUMENTS_UNREADABLE)) {
        losses.add("arguments of programs could not be read", 1);
      }
      if (executed.arguments().size() == 2) {
        arrived(executed.arguments().get(1));
      }
    }
    listener.accept(observation);
  }

  private void arrived(String mark) {
    CompletableFuture<Void> awaited;
    synchronized (this) {
      awaited = expected.remove(mark);
    }
    if (awaited != null) {
      awaited.complete(null);
    }
  }

  private boolean isDue() {
    Held first = held.peek();
    return first != null && (closed || first.due() - System.nanoTime() <= 0);
  }

  /** False at the end. */
  private synchronized boolean take(List<Event> batch) {
    busy = false;
    try {
      while (waiting.isEmpty() && !isDue()) {
        if (closed && held.isEmpty()) {
          return false;
        }
        if (held.isEmpty()) {
          wait();
        } else {
          wait(HOLD.toMillis());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    busy = true;
    while (batch.size() < BATCH && !waiting.isEmpty()) {
      Event event = waiting.remove();
      cost -= weight(event);
      batch.add(event);
    }
    while (waiting.isEmpty() && isDue()) {
      batch.add(held.remove().event());
    }
    return true;
  }

  /**
   * Completes once the execution of a program is seen that has this as its one argument.
   *
   * @param mark that nobody can guess
   */
  public synchronized CompletableFuture<Void> expect(String mark) {
    return expected.computeIfAbsent(mark, _ -> new CompletableFuture<>());
  }

  /** The last one who tried to reach it. */
  public Optional<Actor> whoReached(InetAddress address, int port) {
    return destinations.who(address, port);
  }

  /** What was seen so far. */
  public SandboxActivity activity() {
    Optional<EventSource> its;
    synchronized (this) {
      its = Optional.ofNullable(source);
    }
    synchronized (log) {
      return log.activity(
          its.map(EventSource::name),
          its.map(EventSource::weaknesses).orElse(List.of()),
          losses.told());
    }
  }

  /** Takes no more events, and looks at those that wait; for so long at most. */
  public void finish(Duration limit) {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    try {
      if (!reader.join(limit)) {
        losses.add("events were not looked at in time", 0);
        reader.interrupt();
      }
    } catch (InterruptedException e) {
      losses.add("events were not looked at: interrupted", 0);
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    finish(Duration.ofSeconds(2));
  }
}
