package dev.mayfly.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mayfly.policy.SeccompKnob;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SeccompProfilesTest {
  private static final Path SHIPPED = Path.of("..", "seccomp");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Path directory;

  SeccompProfilesTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @BeforeEach
  void copyWhatIsShipped() throws IOException {
    Files.createDirectory(directory.resolve("knobs"));
    Files.copy(SHIPPED.resolve("default.json"), directory.resolve("default.json"));
    for (SeccompKnob knob : SeccompKnob.values()) {
      Files.copy(SHIPPED.resolve(file(knob)), directory.resolve(file(knob)));
    }
  }

  private static String file(SeccompKnob knob) {
    return "knobs/" + knob.word() + ".json";
  }

  private static List<JsonNode> rules(String profile) throws IOException {
    JsonNode tree = JSON.readTree(profile);
    assertThat(tree.path("defaultAction").asText()).isEqualTo("SCMP_ACT_ERRNO");
    return tree.path("syscalls").valueStream().toList();
  }

  private static List<JsonNode> rulesOf(SeccompKnob knob) throws IOException {
    return rules(
        "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": %s}"
            .formatted(
                JSON.readTree(Files.readString(SHIPPED.resolve(file(knob)))).path("syscalls")));
  }

  @Test
  void givesTheDefaultProfileAsItIsWhereAPolicyGivesNothingBack() throws IOException {
    assertThat(JSON.readTree(SeccompProfiles.load(directory).with(Set.of())))
        .isEqualTo(JSON.readTree(Files.readString(SHIPPED.resolve("default.json"))));
  }

  @ParameterizedTest
  @EnumSource(SeccompKnob.class)
  void addsTheRulesOfAKnobAndNoOthers(SeccompKnob knob) throws IOException {
    SeccompProfiles profiles = SeccompProfiles.load(directory);
    assertThat(rules(profiles.with(Set.of(knob))))
        .containsExactlyElementsOf(
            Stream.concat(rules(profiles.with(Set.of())).stream(), rulesOf(knob).stream())
                .toList());
    assertThat(rulesOf(knob))
        .isNotEmpty()
        .allSatisfy(rule -> assertThat(rules(profiles.with(Set.of()))).doesNotContain(rule));
  }

  @Test
  void addsTheRulesOfAllKnobsInOneOrder() throws IOException {
    SeccompProfiles profiles = SeccompProfiles.load(directory);
    int added = 0;
    for (SeccompKnob knob : SeccompKnob.values()) {
      added += rulesOf(knob).size();
    }
    String all = profiles.with(EnumSet.allOf(SeccompKnob.class));
    assertThat(rules(all)).hasSize(rules(profiles.with(Set.of())).size() + added);
    assertThat(profiles.with(Set.of(SeccompKnob.values()))).isEqualTo(all);
    assertThat(profiles.with(Set.of()))
        .as("the base after knobs were added to copies of it")
        .isEqualTo(SeccompProfiles.load(directory).with(Set.of()));
  }

  private String failure() {
    Throwable[] thrown = new Throwable[1];
    assertThatThrownBy(() -> SeccompProfiles.load(directory))
        .isInstanceOf(IOException.class)
        .satisfies(e -> thrown[0] = e);
    String message = String.valueOf(thrown[0].getMessage());
    assertThat(message).doesNotContainPattern("\\p{Cntrl}");
    return message;
  }

  @Test
  void saysWhichFileIsMissing() throws IOException {
    Path knob = directory.resolve(file(SeccompKnob.ALLOW_PERF));
    Files.delete(knob);
    assertThat(failure())
        .isEqualTo("seccomp profile " + knob + " is missing; install or build Mayfly again");
    Files.delete(directory.resolve("default.json"));
    assertThat(failure())
        .isEqualTo(
            "seccomp profile "
                + directory.resolve("default.json")
                + " is missing; install or build Mayfly again");
  }

  @Test
  void saysThatTheDirectoryIsMissing() {
    Path none = directory.resolve("none");
    assertThatThrownBy(() -> SeccompProfiles.load(none))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(none + "/default.json is missing");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "null",
        "5",
        "{\"defaultAction\": \"SCMP_ACT_ERRNO\"",
        "{}",
        "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": []}",
        "{\"defaultAction\": \"SCMP_ACT_LOG\", \"syscalls\": []}",
        "{\"defaultAction\": \"scmp_act_errno\", \"syscalls\": []}",
        "{\"defaultAction\": [\"SCMP_ACT_ERRNO\"], \"syscalls\": []}",
        "{\"defaultAction\": \"SCMP_ACT_ERRNO\"}",
        "{\"defaultAction\": \"SCMP_ACT_ERRNO\", \"syscalls\": {}}"
      })
  void refusesADefaultProfileThatDoesNotDenyByDefault(String text) throws IOException {
    Path file = directory.resolve("default.json");
    Files.writeString(file, text);
    assertThat(failure())
        .startsWith("seccomp profile " + file + " can't be used: ")
        .endsWith("; restore it from the installation");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "{", "[]", "{}", "{\"syscalls\": []}", "{\"syscalls\": {\"names\": 1}}"})
  void refusesAKnobWithoutRules(String text) throws IOException {
    Path file = directory.resolve(file(SeccompKnob.ALLOW_USERNS));
    Files.writeString(file, text);
    assertThat(failure()).startsWith("seccomp profile " + file + " can't be used: ");
  }

  @Test
  void refusesAProfileThatIsNotText() throws IOException {
    Path file = directory.resolve("default.json");
    Files.write(file, "{\"gr\u00fc\u00df\": 1}".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(failure()).startsWith("seccomp profile " + file + " can't be used: ");
  }

  @Test
  void hasAFileForEveryKnobAndNoOthers() throws IOException {
    try (Stream<Path> files = Files.list(SHIPPED.resolve("knobs"))) {
      assertThat(files.map(file -> "knobs/" + file.getFileName()))
          .containsExactlyInAnyOrderElementsOf(
              Stream.of(SeccompKnob.values()).map(SeccompProfilesTest::file).toList());
    }
  }
}
