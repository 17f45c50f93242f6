package dev.mayfly.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever is in the file, it is a configuration or a {@link ConfigException} with an error. */
class ConfigFuzzTest {
  private static final String[] SPLICES = {
    "&a ",
    "*a",
    "!!str ",
    "!",
    "[",
    "]",
    "{",
    "}",
    "? ",
    ": ",
    "- ",
    "\"",
    "'",
    "|\n",
    ">\n",
    "\t",
    "#",
    "---\n",
    "...\n",
    "%YAML 1.2\n",
    "<<",
    "~",
    "0x",
    "1_0",
    "!!binary ",
    "@",
    "`",
    "\u0000",
    "\ud83d\ude00",
    "\ufeff",
    "\u2028",
    "\u0085",
    "\r",
    "9".repeat(400),
    "\\",
    "\"\\u",
    "\"\\UFFFFFFFF\"",
    "!<",
    "!<tag:%zz>",
    "-9223372036854775809",
    "1:20:30",
    ".nan",
    "2001-01-01"
  };

  private static final String RUNNERS =
      """
      runners:
        - name: gl-main
          slots: 4
          gitlab:
            url: https://gitlab.example.org
            token-file: /etc/mayfly/token
            hosts: [cache.example:9000]
            stop-grace: 10s
            settings: {environment: [A=1], cache: {Type: s3, s3: {Insecure: true, n: 1.5}}}
      """;

  private static final int RANDOM = 3000;
  private static final int DAMAGED = 6000;
  private static final int LONGEST = 300;

  private final Path file;

  ConfigFuzzTest(@TempDir Path directory) {
    this.file = directory.resolve("mayfly.yaml");
  }

  @Test
  void readsRandomBytesOrSaysWhatIsWrong() throws IOException {
    for (int seed = 0; seed < RANDOM; seed++) {
      Random random = new Random(seed);
      byte[] bytes = new byte[random.nextInt(LONGEST + 1)];
      random.nextBytes(bytes);
      Files.write(file, bytes);
      parse(seed);
    }
  }

  @Test
  void readsDamagedConfigurationsOrSaysWhatIsWrong() throws IOException {
    for (int seed = 0; seed < DAMAGED; seed++) {
      Files.writeString(file, damaged(seed));
      parse(seed);
    }
  }

  private static String damaged(int seed) throws IOException {
    StringBuilder text =
        new StringBuilder(Files.readString(Path.of("..", "packaging", "etc", "mayfly.yaml")));
    // Without the comments, which would take most of the damage.
    text = new StringBuilder(text.toString().replaceAll("(?m) *#.*$|^\\n", "") + RUNNERS);
    Random random = new Random(seed);
    for (int i = random.nextInt(6); i >= 0; i--) {
      int at = random.nextInt(text.length());
      int end = Math.min(text.length(), at + random.nextInt(20));
      switch (random.nextInt(4)) {
        case 0 -> text.delete(at, end);
        case 1 -> text.insert(at, SPLICES[random.nextInt(SPLICES.length)]);
        case 2 -> text.insert(random.nextInt(text.length()), text.substring(at, end));
        default -> text.setCharAt(at, (char) random.nextInt(256));
      }
      text.append(' ');
    }
    return text.toString().replaceAll("[\\ud800-\\udfff]", "?");
  }

  private void parse(int seed) {
    try {
      assertThat(ConfigParser.parse(file).policies()).as("seed %d", seed).isNotEmpty();
    } catch (ConfigException e) {
      assertThat(e.errors()).as("seed %d", seed).isNotEmpty();
      assertThat(String.valueOf(e.getMessage()).lines())
          .allSatisfy(
              line ->
                  assertThat(line)
                      .as("seed %d", seed)
                      .matches("(?s)(?:" + file + "(?::[0-9]+:[0-9]+)?: |… and ).+")
                      .doesNotContainPattern("[\\p{Cntrl}\\u2028\\u2029\\u202e]"));
    }
  }
}
