package dev.mayfly.detect;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.mayfly.event.Event;
import dev.mayfly.policy.IpRange;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.InetAddress;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.StreamSupport;

/**
 * Records as trees of JSON and back, by the names and types of their components: so a component
 * that is new is not forgotten. Durations are nanoseconds, an event says what kind it is of.
 */
final class RecordTree {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final String KIND = "kind";

  private RecordTree() {}

  static ObjectNode of(Record value) {
    ObjectNode object = JSON.objectNode();
    if (value instanceof Event event) {
      object.put(KIND, EventKind.of(event).word());
    }
    for (RecordComponent component : value.getClass().getRecordComponents()) {
      Object its = get(component, value);
      if (!(its instanceof Optional<?> optional && optional.isEmpty())) {
        object.set(component.getName(), node(its));
      }
    }
    return object;
  }

  private static Object get(RecordComponent component, Record value) {
    try {
      return component.getAccessor().invoke(value);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a public record can't be read", e);
    }
  }

  private static JsonNode node(Object value) {
    return switch (value) {
      case Record record -> of(record);
      case Optional<?> optional -> node(optional.orElseThrow());
      case Set<?> set -> array(new TreeSet<>(set));
      case Collection<?> values -> array(values);
      case Enum<?> word -> JSON.textNode(word.name().toLowerCase(Locale.ROOT));
      case Duration time -> JSON.numberNode(time.toNanos());
      case InetAddress address -> JSON.textNode(IpRange.show(address));
      case Boolean flag -> JSON.booleanNode(flag);
      case Integer number -> JSON.numberNode(number);
      case Long number -> JSON.numberNode(number);
      case String text -> JSON.textNode(text);
      default -> throw new IllegalStateException("no way to write a " + value.getClass());
    };
  }

  private static ArrayNode array(Collection<?> values) {
    ArrayNode array = JSON.arrayNode();
    values.forEach(value -> array.add(node(value)));
    return array;
  }

  /**
   * Reads what {@link #of} made.
   *
   * @throws IllegalArgumentException where something is missing, too much or of another type
   */
  static <T extends Record> T read(JsonNode tree, Class<T> type) {
    return type.cast(record(tree, type));
  }

  private static Object record(JsonNode tree, Class<?> type) {
    if (!tree.isObject()) {
      throw wrong(tree, "an object");
    }
    RecordComponent[] components = type.getRecordComponents();
    Set<String> names = new HashSet<>();
    tree.fieldNames().forEachRemaining(names::add);
    names.remove(KIND);
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      String name = components[i].getName();
      names.remove(name);
      try {
        values[i] = value(tree.path(name), components[i].getGenericType());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
      }
    }
    if (!names.isEmpty()) {
      throw new IllegalArgumentException(
          "a " + type.getSimpleName() + " has no " + String.join(", ", new TreeSet<>(names)));
    }
    return make(type, components, values);
  }

  private static Object make(Class<?> type, RecordComponent[] components, Object... values) {
    try {
      return type.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new))
          .newInstance(values);
    } catch (InvocationTargetException e) {
      throw new IllegalArgumentException(
          "not a %s: %s".formatted(type.getSimpleName(), e.getCause()), e);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("a public record can't be made", e);
    }
  }

  private static Object value(JsonNode node, Type type) {
    if (type instanceof ParameterizedType generic) {
      Type of = generic.getActualTypeArguments()[0];
      if (generic.getRawType() == Optional.class) {
        return node.isMissingNode() ? Optional.empty() : Optional.of(value(node, of));
      }
      if (!node.isArray()) {
        throw wrong(node, "a list");
      }
      List<Object> values =
          StreamSupport.stream(node.spliterator(), false).map(one -> value(one, of)).toList();
      return generic.getRawType() == Set.class ? new HashSet<>(values) : values;
    }
    return value(node, (Class<?>) type);
  }

  private static Object value(JsonNode node, Class<?> type) {
    if (type == Event.class) {
      String kind = text(node.path(KIND));
      return record(
          node,
          Arrays.stream(EventKind.values())
              .filter(one -> one.word().equals(kind))
              .findFirst()
              .orElseThrow(() -> wrong(node.path(KIND), "the kind of an event"))
              .type());
    }
    if (type.isRecord()) {
      return record(node, type);
    }
    if (type.isEnum()) {
      return Arrays.stream(type.getEnumConstants())
          .filter(one -> node(one).equals(node))
          .findFirst()
          .orElseThrow(() -> wrong(node, "a " + type.getSimpleName()));
    }
    if (type == String.class) {
      return text(node);
    }
    if (type == InetAddress.class) {
      return IpRange.parse(text(node)).first();
    }
    if (type == boolean.class && node.isBoolean()) {
      return node.booleanValue();
    }
    if (type == int.class && node.isIntegralNumber() && node.canConvertToInt()) {
      return node.intValue();
    }
    if (node.isIntegralNumber() && node.canConvertToLong()) {
      if (type == Duration.class) {
        return Duration.ofNanos(node.longValue());
      }
      if (type == long.class || type == Long.class) {
        return node.longValue();
      }
    }
    throw wrong(node, "a " + type.getSimpleName());
  }

  private static String text(JsonNode node) {
    if (!node.isTextual()) {
      throw wrong(node, "text");
    }
    return node.textValue();
  }

  private static IllegalArgumentException wrong(JsonNode node, String wanted) {
    return new IllegalArgumentException(
        "this must be " + wanted + (node.isMissingNode() ? ", and is missing" : ", not " + node));
  }
}
