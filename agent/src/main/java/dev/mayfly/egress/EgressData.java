package dev.mayfly.egress;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/** Reads the data that Mayfly ships beside this package's classes. */
final class EgressData {
  private EgressData() {}

  /** The tree of a file; what is not as it should be is a fault of the build. */
  static JsonNode read(String file) {
    try (InputStream in = EgressData.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is not in the jar: build Mayfly again");
      }
      return new YAMLMapper().readTree(in);
    } catch (IOException e) {
      throw new IllegalStateException(file + " can't be read: build Mayfly again", e);
    }
  }

  static List<String> texts(JsonNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(one -> texts.add(one.textValue()));
    return texts;
  }
}
