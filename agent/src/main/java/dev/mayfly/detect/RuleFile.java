package dev.mayfly.detect;

import java.util.List;

/** What one file has. */
record RuleFile(List<Rule> rules, List<Watched> watched) {
  RuleFile {
    rules = List.copyOf(rules);
    watched = List.copyOf(watched);
  }
}
