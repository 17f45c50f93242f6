package dev.mayfly.detect;

import dev.mayfly.event.Actor;
import dev.mayfly.event.Event;
import dev.mayfly.event.Observation;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/** One observation while rules look at it; what they find out about it is kept for the next. */
final class Scene {
  private final Observation observation;
  private final EventKind kind;
  private final @Nullable TouchedFile file;
  private @Nullable String name;
  private @Nullable String program;
  private @Nullable IdentityHashMap<Actor, String> commands;

  Scene(Observation observation) {
    this.observation = observation;
    this.kind = EventKind.of(observation.event());
    this.file = TouchedFile.of(observation.event());
  }

  Observation observation() {
    return observation;
  }

  Event event() {
    return observation.event();
  }

  Actor actor() {
    return observation.actor();
  }

  EventKind kind() {
    return kind;
  }

  /** The same process twice is found out about twice, which is all that comes of it. */
  @SuppressWarnings("ReferenceEquality")
  private boolean isItsOwn(Actor actor) {
    return actor == observation.actor();
  }

  /** What the process or one of its ancestors is called. */
  String name(Actor actor) {
    if (!isItsOwn(actor)) {
      return actor.name();
    }
    if (name == null) {
      name = actor.name();
    }
    return name;
  }

  /** What the process or one of its ancestors runs. */
  String program(Actor actor) {
    if (!isItsOwn(actor)) {
      return actor.program();
    }
    if (program == null) {
      program = actor.program();
    }
    return program;
  }

  /** The file that it is about, or null. */
  @Nullable TouchedFile file() {
    return file;
  }

  /** The command line of the process or of one of its ancestors. */
  String command(Actor actor) {
    if (commands == null) {
      commands = new IdentityHashMap<>();
    }
    return commands.computeIfAbsent(actor, Actor::commandLine);
  }
}
