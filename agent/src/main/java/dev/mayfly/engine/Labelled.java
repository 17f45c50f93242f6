package dev.mayfly.engine;

import java.util.Map;

/** Something an engine holds, with the labels that tell whose it is. */
public record Labelled(String id, Map<String, String> labels) {
  public Labelled {
    labels = Map.copyOf(labels);
  }
}
