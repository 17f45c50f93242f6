package dev.mayfly.rules;

import dev.mayfly.detect.DetectionRules;
import dev.mayfly.detect.Detector;
import dev.mayfly.detect.ObservationJson;
import dev.mayfly.detect.Rule;
import dev.mayfly.event.Event;
import dev.mayfly.event.Observation;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Cuts recordings down to what a rule's fixture needs. */
final class FixtureCutter {
  private static final String SELF_TEST = "mayfly-self-test-";
  private static final Pattern WORD = Pattern.compile("[^A-Za-z0-9_./-]+");
  private static final int MOST_QUIET = 3;

  private FixtureCutter() {}

  /** Without Mayfly's own. */
  static List<Observation> ofJob(List<Observation> recording) {
    return recording.stream()
        .filter(
            one ->
                one.actor().arguments().stream().noneMatch(word -> word.startsWith(SELF_TEST))
                    && !(one.event() instanceof Event.Executed executed
                        && executed.arguments().stream()
                            .anyMatch(word -> word.startsWith(SELF_TEST))))
        .toList();
  }

  static boolean matches(Rule rule, List<Observation> observations) {
    Detector detector = new Detector(new DetectionRules(List.of(rule), List.of()));
    observations.forEach(detector::observe);
    return !detector.matches().isEmpty();
  }

  /** As few as match still, in their order: none of them can be left out. */
  static List<Observation> least(Rule rule, List<Observation> matching) {
    List<Observation> kept = new ArrayList<>(matching);
    for (int size = Math.max(1, kept.size() / 2); size > 0; size /= 2) {
      for (int at = 0; at < kept.size(); ) {
        List<Observation> without = new ArrayList<>(kept.subList(0, at));
        without.addAll(kept.subList(Math.min(kept.size(), at + size), kept.size()));
        if (matches(rule, without)) {
          kept = without;
        } else {
          at += size;
        }
      }
    }
    return List.copyOf(kept);
  }

  /** Those that look most like what matches, in their order. */
  static List<Observation> alike(List<Observation> quiet, List<Observation> match) {
    Set<String> words = new HashSet<>();
    match.forEach(one -> words.addAll(words(one)));
    Set<Class<?>> kinds = new HashSet<>();
    match.forEach(one -> kinds.add(one.event().getClass()));
    List<Integer> best =
        IntStream.range(0, quiet.size())
            .boxed()
            .sorted(
                Comparator.comparingInt(
                    (Integer at) -> {
                      Observation one = quiet.get(at);
                      long same = words(one).stream().filter(words::contains).count();
                      return (int) -(same + (kinds.contains(one.event().getClass()) ? 1000 : 0));
                    }))
            .limit(MOST_QUIET)
            .sorted()
            .toList();
    return best.stream().map(quiet::get).toList();
  }

  private static Set<String> words(Observation one) {
    return Set.copyOf(new HashSet<>(List.of(WORD.split(ObservationJson.write(one), -1))));
  }
}
