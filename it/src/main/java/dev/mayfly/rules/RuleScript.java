package dev.mayfly.rules;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A script that imitates what a rule looks for, or looks like it and is harmless.
 *
 * @param rule id of the rule
 * @param attack whether the rule has to match
 * @param needs what it has to have, from its line {@code # needs: …}
 */
public record RuleScript(String rule, boolean attack, Path file, Set<String> needs) {
  private static final String ATTACK = ".attack.sh";
  private static final String NEEDS = "# needs:";

  public RuleScript {
    needs = Set.copyOf(needs);
  }

  /** All in a directory, by their names. */
  public static List<RuleScript> in(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      List<RuleScript> scripts = new ArrayList<>();
      for (Path file : files.filter(one -> one.toString().endsWith(".sh")).sorted().toList()) {
        scripts.add(of(file));
      }
      return List.copyOf(scripts);
    }
  }

  /** One that is called by its rule and what it is, or by anything. */
  public static RuleScript of(Path file) throws IOException {
    String name = file.getFileName().toString();
    boolean attack = name.endsWith(ATTACK);
    String rule = name.replaceFirst("(\\.attack|\\.benign)?\\.sh$", "");
    Set<String> needs =
        Files.readAllLines(file).stream()
            .filter(line -> line.startsWith(NEEDS))
            .flatMap(line -> Stream.of(line.substring(NEEDS.length()).split(",", -1)))
            .map(String::strip)
            .collect(Collectors.toUnmodifiableSet());
    return new RuleScript(rule, attack, file, needs);
  }

  /** Name of the fixture that is made of it. */
  public String fixture() {
    return rule + (attack ? ".match.jsonl" : ".quiet.jsonl");
  }
}
