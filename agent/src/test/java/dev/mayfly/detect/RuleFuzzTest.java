package dev.mayfly.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.mayfly.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is in a file of rules, they are rules or a {@link ConfigException} with errors. */
class RuleFuzzTest {
  private static final long SEED = 20_261_127;
  private static final int RANDOM = 200;
  private static final int DAMAGED = 3000;
  private static final int CONDITIONS = 30_000;
  private static final Duration LONG = Duration.ofMinutes(2);

  private static final List<String> PIECES =
      List.of(
          "and ",
          "or ",
          "not ",
          "( ",
          ") ",
          "[",
          "] ",
          ", ",
          "= ",
          "!= ",
          "< ",
          ">= ",
          "in ",
          "has ",
          "contains ",
          "startswith ",
          "glob ",
          "matches ",
          "within ",
          "$shells ",
          "$x ",
          "\"a*\" ",
          "\"",
          "\\",
          "\"(a{1000}){1000}\" ",
          "\"((((((a{9}){9}){9}){9}){9}){9}\" ",
          "\"((((\" ",
          "\"[[:x\" ",
          "yes ",
          "no ",
          "-1 ",
          "0xff ",
          "99999999999999999999 ",
          "10.0.0.0/8 ",
          "::/129 ",
          "parent",
          "ancestor",
          "self-or-ancestor",
          "process.path ",
          "process.args ",
          "process.uid ",
          "file.written ",
          "event ",
          "exec.capabilities ",
          "socket.address ",
          "\u0000",
          "\ud83d\ude00",
          "\ud800",
          "\u2028",
          "\n",
          "#",
          "**",
          "?");

  private static String sample() throws IOException {
    return Files.readString(Path.of("src", "test", "resources", "rules", "sample.yaml"));
  }

  private static boolean parse(String text, long seed) {
    try {
      return !Detections.parse(Map.of(Path.of("rules.yaml"), text)).rules().isEmpty();
    } catch (ConfigException e) {
      assertThat(e.errors()).as("seed %d", seed).isNotEmpty();
      assertThat(String.valueOf(e.getMessage()).lines())
          .allSatisfy(
              line ->
                  assertThat(line)
                      .as("seed %d", seed)
                      .matches("(?s)(?:rules.yaml:[0-9]+:[0-9]+: |… and ).+")
                      .doesNotContainPattern("[\\p{Cntrl}\\u2028\\u2029\\u202e]"));
      return false;
    }
  }

  @Test
  void readsRandomBytesOrSaysWhatIsWrong(@TempDir Path folder) {
    assertTimeoutPreemptively(
        LONG,
        () -> {
          for (int seed = 0; seed < RANDOM; seed++) {
            Random random = new Random(SEED + seed);
            byte[] bytes = new byte[random.nextInt(300)];
            random.nextBytes(bytes);
            Files.write(folder.resolve("rules.yaml"), bytes);
            try {
              assertThat(Detections.load(Optional.of(folder)).rules()).isNotNull();
            } catch (ConfigException e) {
              assertThat(e.errors()).as("seed %d", seed).isNotEmpty();
            }
          }
        });
  }

  @Test
  void readsDamagedRulesOrSaysWhatIsWrong() throws IOException {
    String sample = sample();
    AtomicInteger whole = new AtomicInteger();
    assertTimeoutPreemptively(
        LONG,
        () -> {
          for (int seed = 0; seed < DAMAGED; seed++) {
            Random random = new Random(SEED + seed);
            StringBuilder text = new StringBuilder(sample);
            for (int i = random.nextInt(4); i >= 0; i--) {
              damage(text, random);
            }
            whole.addAndGet(parse(text.toString(), seed) ? 1 : 0);
          }
        });
    assertThat(whole.get()).as("files that got through").isGreaterThan(DAMAGED / 50);
  }

  private static void damage(StringBuilder text, Random random) {
    int at = random.nextInt(text.length());
    int end = Math.min(text.length(), at + random.nextInt(20));
    switch (random.nextInt(4)) {
      case 0 -> text.delete(at, end);
      case 1 -> text.insert(at, PIECES.get(random.nextInt(PIECES.size())));
      case 2 -> text.insert(random.nextInt(text.length()), text.substring(at, end));
      default -> text.setCharAt(at, (char) random.nextInt(256));
    }
    text.append(' ');
  }

  @Test
  void readsPiecesOfConditionsOrSaysWhatIsWrong() {
    Map<String, List<String>> lists = Map.of("shells", List.of("sh", "1"));
    AtomicInteger whole = new AtomicInteger();
    assertTimeoutPreemptively(
        LONG,
        () -> {
          for (int seed = 0; seed < CONDITIONS; seed++) {
            Random random = new Random(SEED + seed);
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(12); i >= 0; i--) {
              text.append(PIECES.get(random.nextInt(PIECES.size())));
            }
            int[] complaints = {0};
            Optional<Condition> read =
                Condition.parse(
                    text.toString(),
                    lists,
                    (at, message) -> {
                      complaints[0]++;
                      assertThat(at).as(message).isBetween(0, text.length());
                    });
            assertThat(read.isEmpty()).as(text.toString()).isEqualTo(complaints[0] > 0);
            whole.addAndGet(read.isPresent() ? 1 : 0);
          }
        });
    assertThat(whole.get()).as("conditions that got through").isGreaterThan(CONDITIONS / 2000);
  }

  @Test
  void matchesExpressionsInTimeThatIsLinear() {
    Condition condition =
        Condition.parse(
                "process.command matches [\"(a*)*b\", \"(a|a)*b\", \"(x+x+)+y\"]",
                Map.of(),
                (_, message) -> assertThat(message).isEmpty())
            .orElseThrow();
    Scene scene = new Scene(Sample.exec(Sample.process(1, "/x", "a".repeat(30_000) + "x")));
    assertTimeoutPreemptively(LONG, () -> assertThat(condition.holds(scene)).isFalse());
  }
}
