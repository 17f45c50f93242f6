package dev.mayfly.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;

/** The rules of a seccomp profile, as the file has them. */
final class SeccompRules {
  private SeccompRules() {}

  /** The calls that it names to refuse, and those that it lets through for some arguments only. */
  static Set<String> refusedOrConditional(Path profile) throws IOException {
    Set<String> calls = new TreeSet<>();
    for (JsonNode rule : new ObjectMapper().readTree(profile.toFile()).path("syscalls")) {
      boolean unconditional = rule.path("args").isEmpty();
      if (!unconditional || !rule.path("action").asText().equals("SCMP_ACT_ALLOW")) {
        rule.path("names").forEach(name -> calls.add(name.asText()));
      }
    }
    return calls;
  }
}
