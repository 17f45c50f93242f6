package dev.mayfly.detect;

import dev.mayfly.event.Actor;
import dev.mayfly.event.Event;
import dev.mayfly.event.Observation;
import java.util.IdentityHashMap;
import org.jspecify.annotations.Nullable;

/** One observation while rules look at it; what they find out about it is kept for the next. */
final class Scene {
  private final Observation observation;
  private final @Nullable TouchedFile file;
  private @Nullable IdentityHashMap<Actor, String> commands;

  Scene(Observation observation) {
    this.observation = observation;
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
