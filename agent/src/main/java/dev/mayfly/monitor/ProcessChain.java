package dev.mayfly.monitor;

import dev.mayfly.event.Actor;
import java.util.ArrayList;
import java.util.List;

/** A process and its ancestors, for a person. */
public final class ProcessChain {
  private static final int MOST = 8;
  private static final int LONGEST = 120;

  private ProcessChain() {}

  /** The programs from the outermost to the one that did it, which is shown with its arguments. */
  public static String text(Actor actor) {
    List<String> names = new ArrayList<>();
    Actor last = actor;
    for (Actor ancestor : actor.ancestors(Integer.MAX_VALUE)) {
      // One that only forked is the same program still.
      if (!ancestor.path().isEmpty() && !ancestor.arguments().equals(last.arguments())) {
        names.addFirst(ancestor.name());
      }
      last = ancestor;
    }
    List<String> shown =
        names.size() > MOST ? names.subList(names.size() - MOST, names.size()) : names;
    String chain = (shown.size() < names.size() ? "… > " : "") + String.join(" > ", shown);
    return (chain.isEmpty() ? "" : chain + " > ") + own(actor);
  }

  private static String own(Actor actor) {
    String line = actor.arguments().isEmpty() ? actor.name() : actor.commandLine();
    String cut = line.length() > LONGEST ? line.substring(0, end(line)) + "…" : line;
    return cut.isEmpty() ? "unknown process " + actor.key().pid() : cut;
  }

  /** A character that takes two is not cut in two: what is left would be no part of the text. */
  private static int end(String line) {
    return Character.isHighSurrogate(line.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
  }
}
