package dev.mayfly.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mayfly.yaml.EitherShape;
import dev.mayfly.yaml.Keys;
import dev.mayfly.yaml.ListShape;
import dev.mayfly.yaml.Shape;
import java.util.Collection;
import java.util.List;

/** Writes what {@link MayflyYaml} takes as a JSON Schema (draft 2020-12), for editors. */
final class SchemaGenerator {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private SchemaGenerator() {}

  static String mayflyYaml() throws JsonProcessingException {
    ObjectNode root = JSON.objectNode();
    root.put("$schema", "https://json-schema.org/draft/2020-12/schema");
    root.put("title", "mayfly.yaml");
    root.put("description", "Configuration of Mayfly; every key may be left out.");
    root.setAll(section(MayflyYaml.FILE, true));
    DefaultIndenter indent = new DefaultIndenter("  ", "\n");
    return JsonMapper.builder()
            .build()
            .writer(new DefaultPrettyPrinter().withObjectIndenter(indent))
            .writeValueAsString(root)
        + "\n";
  }

  /**
   * @param orNothing whether a key without a value is the same as no key
   */
  private static ObjectNode section(Shape.Section<?> section, boolean orNothing) {
    ObjectNode schema = JSON.objectNode();
    type(schema, "object", orNothing);
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = JSON.arrayNode();
    for (Keys.Key<?> key : section.keys()) {
      properties.set(key.name(), key(key));
      if (key.required()) {
        required.add(key.name());
      }
    }
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
    return schema.put("additionalProperties", false);
  }

  private static ObjectNode key(Keys.Key<?> key) {
    ObjectNode schema = JSON.objectNode();
    String range =
        key.shape() instanceof Shape.Bounded<?> bounded ? " Between " + bounds(bounded) + "." : "";
    schema.put("description", key.description() + range);
    schema.setAll(shape(key.shape()));
    key.shownAbsent().ifPresent(value -> schema.set("default", JSON.pojoNode(value)));
    return schema;
  }

  private static <T extends Comparable<T>> String bounds(Shape.Bounded<T> bounded) {
    return bounded.show(bounded.range().least()).orElseThrow()
        + " and "
        + bounded.show(bounded.range().most()).orElseThrow();
  }

  private static ObjectNode shape(Shape<?> shape) {
    ObjectNode schema = JSON.objectNode();
    return switch (shape) {
      case Shape.Flag _ -> schema.put("type", "boolean");
      case Shape.Choice<?> choice -> words(schema, choice.words().keySet());
      case Shape.Numeric<?> number ->
          schema
              .put("type", number.decimals() == 0 ? "integer" : "number")
              .put("minimum", number.range().least())
              .put("maximum", number.range().most());
      case Shape.Text<?> text -> {
        schema.put("type", "string").put("pattern", "^(?:" + text.pattern() + ")$");
        schema.putArray("examples").add(text.example());
        yield schema;
      }
      case Shape.Bounded<?> bounded -> shape(bounded.text());
      case Shape.Section<?> section -> section(section, true);
      case ListShape.Items<?> items -> {
        type(schema, "array", true);
        yield schema.set("items", section(items.item(), false));
      }
      case ListShape.Values<?> list -> list(list, 0);
      case ListShape.OneOrMore<?> either -> {
        ArrayNode forms = schema.putArray("oneOf");
        forms.add(shape(either.one()));
        forms.add(list(either.list(), 1));
        yield schema;
      }
      case ListShape.WordOrList<?> either -> {
        ArrayNode forms = schema.putArray("oneOf");
        forms.add(words(JSON.objectNode(), either.word().words().keySet()));
        forms.add(list(either.list(), 0));
        yield schema;
      }
      case Shape.Written _ -> {
        ArrayNode types = schema.putArray("type");
        List.of("string", "number", "boolean").forEach(types::add);
        yield schema;
      }
      case Shape.Parsed<?> parsed -> {
        schema.put("type", "string").putArray("examples").add(parsed.example());
        yield schema;
      }
      case Shape.Referring<?> referring -> shape(referring.shape());
      case Shape.FreeKeys<?> free -> {
        type(schema, "object", true);
        schema
            .putObject("patternProperties")
            .set("^(?:" + free.key().pattern() + ")$", shape(free.value()));
        yield schema.put("additionalProperties", false);
      }
      case Shape.Any _ -> schema;
      case EitherShape.TextOrSection<?> either -> {
        ArrayNode forms = schema.putArray("oneOf");
        forms.add(shape(either.text()));
        forms.add(section(either.section(), false));
        yield schema;
      }
      case EitherShape.WordOrSection<?> either -> {
        ArrayNode forms = schema.putArray("oneOf");
        forms.add(words(JSON.objectNode(), either.word().words().keySet()));
        forms.add(section(either.section(), false));
        yield schema;
      }
    };
  }

  private static ObjectNode list(ListShape.Values<?> list, int least) {
    ObjectNode schema = JSON.objectNode().put("type", "array");
    if (least > 0) {
      schema.put("minItems", least);
    }
    return schema.set("items", shape(list.value()));
  }

  private static ObjectNode words(ObjectNode schema, Collection<String> words) {
    words.forEach(schema.putArray("enum")::add);
    return schema;
  }

  private static void type(ObjectNode schema, String type, boolean orNothing) {
    if (orNothing) {
      schema.putArray("type").add(type).add("null");
    } else {
      schema.put("type", type);
    }
  }
}
