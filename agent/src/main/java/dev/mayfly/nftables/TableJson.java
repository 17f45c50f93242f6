package dev.mayfly.nftables;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Reads what libnftables tells (libnftables-json(5)). */
final class TableJson {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private TableJson() {}

  /**
   * An element of a set or a map.
   *
   * @param key its parts, as commands write them
   * @param comment the sandbox whose it is; empty where it has none
   */
  record Element(List<String> key, String comment) {
    String device() {
      return key.getFirst();
    }

    /** As a command names it. */
    String text() {
      List<String> parts = new ArrayList<>(key);
      parts.set(0, Elements.quote(key.getFirst()));
      return String.join(" . ", parts);
    }
  }

  /** Whether Mayfly's table is among those that are told. */
  static boolean hasTable(String json) throws IOException {
    for (JsonNode object : objects(json)) {
      JsonNode table = object.path("table");
      if (table.path("name").asText().equals("mayfly")
          && table.path("family").asText().equals("inet")) {
        return true;
      }
    }
    return false;
  }

  /** The names of a kind of object in Mayfly's table. */
  static List<String> names(String json, String kind) throws IOException {
    List<String> names = new ArrayList<>();
    for (JsonNode object : objects(json)) {
      JsonNode found = object.path(kind);
      if (found.path("table").asText().equals("mayfly")
          && found.path("family").asText().equals("inet")) {
        names.add(found.path("name").asText());
      }
    }
    return names;
  }

  /** The elements of the one set or map that is told. */
  static List<Element> elements(String json) throws IOException {
    List<Element> elements = new ArrayList<>();
    for (JsonNode object : objects(json)) {
      JsonNode set = object.has("map") ? object.path("map") : object.path("set");
      for (JsonNode one : set.path("elem")) {
        elements.add(element(one.isArray() ? one.path(0) : one));
      }
    }
    return elements;
  }

  private static Element element(JsonNode node) {
    JsonNode value = node.has("elem") ? node.path("elem").path("val") : node;
    List<String> key = new ArrayList<>();
    if (value.has("concat")) {
      value.path("concat").forEach(part -> key.add(part.asText()));
    } else {
      key.add(value.asText());
    }
    return new Element(key, node.path("elem").path("comment").asText(""));
  }

  /** How much of a quota is used, in bytes. */
  static OptionalLong used(String json) throws IOException {
    for (JsonNode object : objects(json)) {
      JsonNode used = object.path("quota").path("used");
      if (object.has("quota")) {
        return OptionalLong.of(used.asLong(0));
      }
    }
    return OptionalLong.empty();
  }

  /** Base chains of others that drop what nothing accepts: {@code family table chain}. */
  static List<String> droppingChains(String json, String hook) throws IOException {
    List<String> found = new ArrayList<>();
    for (JsonNode object : objects(json)) {
      JsonNode chain = object.path("chain");
      if (chain.path("hook").asText().equals(hook)
          && chain.path("policy").asText().equals("drop")
          && !chain.path("table").asText().equals("mayfly")) {
        found.add(
            chain.path("family").asText()
                + " "
                + chain.path("table").asText()
                + " "
                + chain.path("name").asText());
      }
    }
    return found;
  }

  private static Iterable<JsonNode> objects(String json) throws IOException {
    try {
      return MAPPER.readTree(json).path("nftables");
    } catch (JsonProcessingException e) {
      throw new IOException("libnftables told no JSON; is it built without it?", e);
    }
  }
}
