package dev.mayfly.monitor;

import dev.mayfly.event.Actor;
import dev.mayfly.event.Event;
import dev.mayfly.event.FileIdentity;
import dev.mayfly.event.ProcessKey;
import dev.mayfly.event.Stamp;
import dev.mayfly.flow.RecentMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who made whom in one sandbox, and what each runs now. Used by one thread. Bounded by the
 * processes that a sandbox may have at one time, and {@link #MOST} for those whose end was lost.
 */
final class ProcessTree {
  private static final int MOST = 200_000;

  /** An end is told by one CPU while another still tells what the process did. */
  private static final int GONE = 8_192;

  private final Map<Integer, Actor> live = new HashMap<>();
  private long root;
  private final Map<Integer, Actor> gone = new RecentMap<>(GONE);

  /**
   * Users are numbered from this one on.
   *
   * @param uid of the sandbox's root as the host numbers it
   */
  void rootIs(long uid) {
    root = uid;
  }

  /** Negative where it is none of the sandbox's. */
  private int inside(int uid) {
    return (int) (Integer.toUnsignedLong(uid) - root);
  }

  /** Who did it, as it is once the event has happened. */
  Actor apply(Event event) {
    return switch (event) {
      case Event.Forked forked -> forked(forked);
      case Event.Executed executed -> executed(executed);
      case Event.Exited exited -> exited(exited);
      default -> actor(event.stamp());
    };
  }

  /** The actor of a fork is the new process: it is as its parent, but for the number. */
  private Actor forked(Event.Forked forked) {
    Actor known = live.get(forked.child().pid());
    Optional<Actor> parent =
        forked.entered() ? Optional.empty() : Optional.of(actor(forked.stamp()));
    Actor child =
        known != null && known.key().equals(forked.child())
            ? with(known, parent)
            : new Actor(
                forked.child(),
                parent,
                parent.map(Actor::file).orElse(FileIdentity.UNKNOWN),
                parent.map(Actor::path).orElse(""),
                parent.map(Actor::called).orElse(""),
                parent.map(Actor::arguments).orElse(List.of()),
                parent.map(Actor::directory).orElse(""),
                inside(forked.stamp().uid()),
                forked.stamp().session(),
                parent.map(Actor::generation).orElse(-1) + 1,
                forked.stamp().time());
    put(child);
    return child;
  }

  /** What one that was told of too early lacks. */
  private static Actor with(Actor known, Optional<Actor> parent) {
    return known.parent().isPresent()
        ? known
        : new Actor(
            known.key(),
            parent,
            known.file(),
            known.path(),
            known.called(),
            known.arguments(),
            known.directory(),
            known.uid(),
            known.session(),
            parent.map(Actor::generation).orElse(-1) + 1,
            known.started());
  }

  private Actor executed(Event.Executed executed) {
    Actor before = actor(executed.stamp());
    Actor after =
        new Actor(
            before.key(),
            before.parent(),
            executed.file(),
            executed.path(),
            executed.called(),
            executed.arguments(),
            executed.directory(),
            inside(executed.stamp().uid()),
            executed.stamp().session(),
            before.generation(),
            before.started());
    put(after);
    return after;
  }

  private Actor exited(Event.Exited exited) {
    Actor last = actor(exited.stamp());
    live.remove(last.key().pid());
    gone.put(last.key().pid(), last);
    return last;
  }

  private Actor actor(Stamp stamp) {
    ProcessKey key = stamp.process();
    Actor known = known(live.get(key.pid()), key);
    if (known == null) {
      known = known(gone.get(key.pid()), key);
    }
    if (known != null) {
      return refreshed(known, stamp);
    }
    Actor parent = live.get(stamp.parent());
    Actor made =
        new Actor(
            key,
            Optional.ofNullable(parent),
            parent == null ? FileIdentity.UNKNOWN : parent.file(),
            parent == null ? "" : parent.path(),
            parent == null ? stamp.name() : parent.called(),
            parent == null ? List.of() : parent.arguments(),
            parent == null ? "" : parent.directory(),
            inside(stamp.uid()),
            stamp.session(),
            parent == null ? 0 : parent.generation() + 1,
            stamp.time());
    if (key.pid() != 0) {
      put(made);
    }
    return made;
  }

  /** Its user and its session, which it may have changed. */
  private Actor refreshed(Actor known, Stamp stamp) {
    boolean told = stamp.process().start() != 0;
    if (!told || (known.uid() == inside(stamp.uid()) && known.session() == stamp.session())) {
      return known;
    }
    Actor now =
        new Actor(
            known.key(),
            known.parent(),
            known.file(),
            known.path(),
            known.called(),
            known.arguments(),
            known.directory(),
            inside(stamp.uid()),
            stamp.session(),
            known.generation(),
            known.started());
    live.computeIfPresent(
        known.key().pid(), (_, before) -> before.key().equals(now.key()) ? now : before);
    return now;
  }

  /** A source that can't tell when a process began tells 0. */
  private static @Nullable Actor known(@Nullable Actor found, ProcessKey key) {
    boolean same =
        found != null
            && (found.key().start() == key.start() || key.start() == 0 || found.key().start() == 0);
    return same ? found : null;
  }

  private void put(Actor actor) {
    if (live.size() < MOST || live.containsKey(actor.key().pid())) {
      live.put(actor.key().pid(), actor);
    }
  }
}
