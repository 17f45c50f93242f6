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
    Actor actor = cut(observation.actor(), MOST_ANCESTORS);
    Event event =
        observation.event() instanceof Event.Executed executed
            ? cut(executed)
            : observation.event();
    return event == observation.event() && actor == observation.actor()
        ? observation
        : new Observation(event, actor);
  }

  private static Actor cut(Actor actor, int ancestors) {
    Optional<Actor> parent =
        ancestors == 0 ? Optional.empty() : actor.parent().map(one -> cut(one, ancestors - 1));
    List<String> arguments = cut(actor.arguments());
    boolean same =
        arguments == actor.arguments() && parent.orElse(actor) == actor.parent().orElse(actor);
    return same
        ? actor
        : new Actor(
            actor.key(),
            parent,
            actor.file(),
            actor.path(),
            actor.called(),
            arguments,
            actor.directory(),
            actor.uid(),
            actor.session(),
            actor.generation(),
            actor.started());
  }

  private static Event.Executed cut(Event.Executed event) {
    List<String> arguments = cut(event.arguments());
    if (arguments == event.arguments()) {
      return event;
    }
    Set<Event.Executed.Flaw> flaws = EnumSet.of(Event.Executed.Flaw.ARGUMENTS_CUT);
    flaws.addAll(event.flaws());
    return new Event.Executed(
        event.stamp(),
        event.file(),
        event.path(),
        event.directory(),
        event.called(),
        arguments,
        event.capabilities(),
        flaws);
  }

  /** As many of them, and of the last of these as much, as there is room for. */
  private static List<String> cut(List<String> arguments) {
    int room = MOST_CHARACTERS;
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      // One of nothing takes some room, too.
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
