package dev.mayfly.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

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

  private static Path file = Path.of("unset");

  @BeforeContainer
  static void makeFile() throws IOException {
    file = Files.createTempFile("mayfly-fuzz", ".yaml");
  }

  @AfterContainer
  static void deleteFile() throws IOException {
    Files.delete(file);
  }

  @Property(tries = 3000)
  void readsRandomBytesOrSaysWhatIsWrong(@ForAll @Size(max = 300) byte[] bytes) throws IOException {
    Files.write(file, bytes);
    parse();
  }

  @Property(tries = 6000)
  void readsDamagedConfigurationsOrSaysWhatIsWrong(@ForAll long seed) throws IOException {
    StringBuilder text =
        new StringBuilder(Files.readString(Path.of("..", "packaging", "etc", "mayfly.yaml")));
    // Without the comments, which would take most of the damage.
    text = new StringBuilder(text.toString().replaceAll("(?m) *#.*$|^\\n", ""));
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
    Files.writeString(file, text.toString().replaceAll("[\\ud800-\\udfff]", "?"));
    parse();
  }

  private static void parse() {
    try {
      assertThat(ConfigParser.parse(file).policies()).isNotEmpty();
    } catch (ConfigException e) {
      assertThat(e.errors()).isNotEmpty();
      assertThat(e.getMessage().lines())
          .allSatisfy(
              line ->
                  assertThat(line)
                      .matches("(?s)(?:" + file + "(?::[0-9]+:[0-9]+)?: |… and ).+")
                      .doesNotContainPattern("[\\p{Cntrl}\\u2028\\u2029\\u202e]"));
    }
  }
}
