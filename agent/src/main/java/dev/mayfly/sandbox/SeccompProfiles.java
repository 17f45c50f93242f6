package dev.mayfly.sandbox;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mayfly.policy.SeccompKnob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** The system call filters of {@code seccomp/}, in the JSON form that OCI engines take. */
public final class SeccompProfiles {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final ObjectNode base;
  private final Map<SeccompKnob, ArrayNode> knobs;

  private SeccompProfiles(ObjectNode base, Map<SeccompKnob, ArrayNode> knobs) {
    this.base = base;
    this.knobs = knobs;
  }

  /**
   * Reads {@code default.json} and {@code knobs/*.json}.
   *
   * @throws IOException where one is missing, is not JSON, or does not deny by default
   */
  public static SeccompProfiles load(Path directory) throws IOException {
    ObjectNode base = object(directory.resolve("default.json"));
    if (!"SCMP_ACT_ERRNO".equals(base.path("defaultAction").asText())
        || !base.path("syscalls").isArray()) {
      throw broken(directory.resolve("default.json"), "it does not deny by default");
    }
    Map<SeccompKnob, ArrayNode> knobs = new EnumMap<>(SeccompKnob.class);
    for (SeccompKnob knob : SeccompKnob.values()) {
      Path file = directory.resolve("knobs").resolve(knob.word() + ".json");
      if (!(object(file).get("syscalls") instanceof ArrayNode rules) || rules.isEmpty()) {
        throw broken(file, "it has no rules");
      }
      knobs.put(knob, rules);
    }
    return new SeccompProfiles(base, knobs);
  }

  private static ObjectNode object(Path file) throws IOException {
    try {
      if (JSON.readTree(Files.readAllBytes(file)) instanceof ObjectNode object) {
        return object;
      }
      throw broken(file, "it is not a JSON object");
    } catch (NoSuchFileException e) {
      throw new IOException(
          "seccomp profile " + file + " is missing; install or build Mayfly again", e);
    } catch (JsonProcessingException e) {
      // The parser's own words go on about where it read from.
      String what = e.getOriginalMessage().replaceFirst(" \\(for .*", "");
      throw broken(file, "line " + e.getLocation().getLineNr() + ": " + what);
    }
  }

  private static IOException broken(Path file, String why) {
    return new IOException(
        "seccomp profile "
            + file
            + " can't be used: "
            + why
            + "; restore it from the installation");
  }

  /** The default profile with the rules that the knobs add. */
  public String with(Set<SeccompKnob> given) {
    ObjectNode profile = base.deepCopy();
    ArrayNode rules = profile.withArray("syscalls");
    for (SeccompKnob knob : SeccompKnob.values()) {
      if (given.contains(knob)) {
        for (JsonNode rule : Objects.requireNonNull(knobs.get(knob))) {
          rules.add(rule.deepCopy());
        }
      }
    }
    return profile.toString();
  }
}
