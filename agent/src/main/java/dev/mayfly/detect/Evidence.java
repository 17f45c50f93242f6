package dev.mayfly.detect;

import dev.mayfly.event.Actor;
import dev.mayfly.event.Event;
import dev.mayfly.event.Observation;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Observations as they are kept: a job can make those that it makes as large as they may be. */
final class Evidence {
  private static final int MOST_ANCESTORS = 16;
  private static final int MOST_CHARACTERS = 4096;

  private Evidence() {}

  /** The same where it is small, else one with less of it. */
  static Observation of(Observation observation) {
    boolean small =
        fits(observation.actor())
            && !(observation.event() instanceof Event.Executed executed
                && !fits(executed.arguments()));
    return small
        ? observation
        : new Observation(cut(observation.event()), cut(observation.actor(), MOST_ANCESTORS));
  }

  private static boolean fits(Actor actor) {
    Optional<Actor> at = Optional.of(actor);
    for (int i = 0; i <= MOST_ANCESTORS; i++) {
      if (!fits(at.get().arguments())) {
        return false;
      }
      at = at.get().parent();
      if (at.isEmpty()) {
        return true;
      }
    }
    return false;
  }

  private static boolean fits(List<String> arguments) {
    int size = 0;
    for (String argument : arguments) {
      // One of nothing takes some room, too.
      size += 1 + argument.length();
    }
    return size <= MOST_CHARACTERS;
  }

  private static Actor cut(Actor actor, int ancestors) {
    return new Actor(
        actor.key(),
        ancestors == 0 ? Optional.empty() : actor.parent().map(one -> cut(one, ancestors - 1)),
        actor.file(),
        actor.path(),
        actor.called(),
        cut(actor.arguments()),
        actor.directory(),
        actor.uid(),
        actor.session(),
        actor.generation(),
        actor.started());
  }

  private static Event cut(Event event) {
    if (!(event instanceof Event.Executed executed) || fits(executed.arguments())) {
      return event;
    }
    Set<Event.Executed.Flaw> flaws = EnumSet.of(Event.Executed.Flaw.ARGUMENTS_CUT);
    flaws.addAll(executed.flaws());
    return new Event.Executed(
        executed.stamp(),
        executed.file(),
        executed.path(),
        executed.directory(),
        executed.called(),
        cut(executed.arguments()),
        executed.capabilities(),
        flaws);
  }

  /** As many of them, and of the last of these as much, as there is room for. */
  private static List<String> cut(List<String> arguments) {
    int room = MOST_CHARACTERS;
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      room -= 1 + argument.length();
      if (room < 0) {
        List<String> kept = new ArrayList<>(arguments.subList(0, i));
        kept.add(cut(argument, argument.length() + room));
        return List.copyOf(kept);
      }
    }
    return arguments;
  }

  /**
   * The beginning of a text that is longer, with a sign that there was more.
   *
   * @param most characters
   */
  static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = Math.max(0, most);
    boolean withinOne = end > 0 && Character.isHighSurrogate(text.charAt(end - 1));
    return text.substring(0, withinOne ? end - 1 : end) + "…";
  }
}
