package dev.mayfly.detect;

import dev.mayfly.event.WatchedName;
import java.util.List;

/** What one file has. */
record RuleFile(List<Rule> rules, List<WatchedName> watched) {
  RuleFile {
    rules = List.copyOf(rules);
    watched = List.copyOf(watched);
  }
}
