package dev.mayfly.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What {@code seccomp/README.md} says is refused.
 *
 * @param errnos what each call answers
 * @param knobs the calls that a knob gives back, by its word
 */
record RefusedCalls(Map<String, String> errnos, Map<String, Set<String>> knobs) {
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final Set<String> ERRNOS = Set.of("EPERM", "ENOSYS");

  static RefusedCalls read(Path readme) throws IOException {
    Map<String, String> errnos = new HashMap<>();
    Map<String, Set<String>> knobs = new HashMap<>();
    for (String line : Files.readAllLines(readme)) {
      String[] cells = line.split("\\|", -1);
      if (cells.length == 7 && ERRNOS.contains(cells[4].strip())) {
        List<String> calls =
            code(cells[2]).stream().filter(word -> word.matches("[a-z0-9_]+")).toList();
        if (calls.isEmpty()) {
          throw new AssertionError(readme + ": no call is named in: " + line);
        }
        calls.forEach(call -> errnos.put(call, cells[4].strip()));
        code(cells[5])
            .forEach(knob -> knobs.computeIfAbsent(knob, _ -> new TreeSet<>()).addAll(calls));
      }
    }
    return new RefusedCalls(errnos, knobs);
  }

  private static List<String> code(String cell) {
    return CODE.matcher(cell)
        .results()
        .map(MatchResult::group)
        .map(text -> text.replace("`", ""))
        .toList();
  }
}
