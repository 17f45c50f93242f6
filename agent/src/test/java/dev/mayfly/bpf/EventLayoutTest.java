package dev.mayfly.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.event.Event.Called.Abi;
import dev.mayfly.event.Event.Changed.Change;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is told by the kernel's side is what is read by this one. */
class EventLayoutTest {
  private static final Path HEADER = Path.of("..", "src", "bpf", "events.h");
  private static final Pattern AT = Pattern.compile("AT\\((\\w+), (\\w+), (\\d+)\\)");
  private static final Pattern SIZE = Pattern.compile("sizeof\\(struct (\\w+)\\)\\s*==\\s*(\\d+)");
  private static final Pattern ENUM = Pattern.compile("enum \\w* ?\\{([^}]*)\\}");
  private static final Pattern VALUE = Pattern.compile("(\\d+)(?:\\s*<<\\s*(\\d+))?");
  private static final Pattern COMMENT = Pattern.compile("/\\*.*?\\*/", Pattern.DOTALL);

  private static final Pattern WORD = Pattern.compile("(FLAG|DROP|PLACE|HIERARCHY)_.*");

  /** Of which a record's type gives the name. */
  private static final String EVENT = "EVENT_";

  @Test
  void hasEveryAssertedOffset() throws IOException {
    Map<String, Integer> own = own();
    for (MatchResult at : AT.matcher(header()).results().toList()) {
      if (at.group(3).isEmpty() || isUnread(at.group(1), at.group(2))) {
        continue;
      }
      String name = name(at.group(1)) + "_" + at.group(2).toUpperCase(Locale.ROOT);
      assertThat(own).containsEntry(name, Integer.parseInt(at.group(3)));
    }
  }

  /** The reader has no use for it. */
  private static boolean isUnread(String struct, String field) {
    return struct.equals("slot") && field.equals("produced");
  }

  @Test
  void hasEveryAssertedSize() throws IOException {
    Map<String, Integer> own = own();
    Map<String, Integer> told = new HashMap<>();
    for (MatchResult size : SIZE.matcher(header()).results().toList()) {
      told.put(name(size.group(1)) + "_SIZE", Integer.parseInt(size.group(2)));
    }
    assertThat(told.remove("PLACE_KEY_SIZE")).isNotNull();
    // Of an execution, what follows the fixed part is the arguments.
    assertThat(told.remove("EXEC_SIZE")).isEqualTo(EventLayout.EXEC_ARGV);
    assertThat(told).isNotEmpty();
    assertThat(own).containsAllEntriesOf(told);
  }

  @Test
  void hasTheHeadersWordsForNumbers() throws IOException {
    Map<String, Integer> own = own();
    Map<String, Integer> enums = enums();
    assertThat(enums).containsKeys("EVENT_EXEC", "FLAG_CUT", "DROP_MARK", "SLOT_KILL_MEMORY");
    for (Map.Entry<String, Integer> entry : enums.entrySet()) {
      String name = entry.getKey();
      if (name.startsWith(EVENT)) {
        assertThat(own).containsEntry(name.substring(EVENT.length()), entry.getValue());
      } else if (own.containsKey(name)) {
        assertThat(own).containsEntry(name, entry.getValue());
      }
    }
    assertThat(inOrder(enums, "ABI_", 0)).isEqualTo(names(Abi.values()));
    assertThat(inOrder(enums, "CHANGE_", 1)).isEqualTo(names(Change.values()));
  }

  /** The words of an enumeration without what they all begin with, by their numbers. */
  private static List<String> inOrder(Map<String, Integer> enums, String prefix, int first) {
    Map<Integer, String> words = new HashMap<>();
    enums.forEach(
        (word, number) -> {
          if (word.startsWith(prefix)) {
            words.put(number, word.substring(prefix.length()));
          }
        });
    return IntStream.range(first, first + words.size()).mapToObj(words::get).toList();
  }

  private static List<String> names(Enum<?>[] values) {
    return Arrays.stream(values).map(Enum::name).toList();
  }

  @Test
  void hasNoWordThatTheHeaderLacks() throws IOException {
    Map<String, Integer> enums = enums();
    assertThat(own().keySet().stream().filter(name -> WORD.matcher(name).matches()))
        .hasSizeGreaterThan(15)
        .allSatisfy(name -> assertThat(enums).containsKey(name));
    for (Slots.Rule rule : Slots.Rule.values()) {
      assertThat(enums).containsEntry("SLOT_" + rule.name(), rule.flag());
    }
  }

  private static String name(String struct) {
    String name = struct.toUpperCase(Locale.ROOT);
    return name.startsWith(EVENT) ? name.substring(EVENT.length()) : name;
  }

  private static String header() throws IOException {
    return COMMENT.matcher(Files.readString(HEADER)).replaceAll("");
  }

  private static Map<String, Integer> enums() throws IOException {
    Map<String, Integer> all = new HashMap<>();
    for (MatchResult one : ENUM.matcher(header()).results().toList()) {
      int next = 0;
      for (String entry : one.group(1).split(",")) {
        String[] sides = entry.strip().split("\\s*=\\s*");
        if (sides.length == 2) {
          MatchResult value = VALUE.matcher(sides[1]).results().findFirst().orElseThrow();
          String shift = value.group(2);
          next = Integer.parseInt(value.group(1)) << (shift == null ? 0 : Integer.parseInt(shift));
        }
        all.put(sides[0], next++);
      }
    }
    return all;
  }

  private static Map<String, Integer> own() {
    Map<String, Integer> all = new HashMap<>();
    for (Field field : EventLayout.class.getDeclaredFields()) {
      if (Modifier.isStatic(field.getModifiers()) && field.getType() == int.class) {
        try {
          all.put(field.getName(), field.getInt(null));
        } catch (IllegalAccessException e) {
          throw new AssertionError(field.getName(), e);
        }
      }
    }
    return all;
  }
}
