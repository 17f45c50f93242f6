package dev.mayfly.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Holds the pages about detections to the rules and to the language. */
class DetectionsPageTest {
  private static final Path RULES = Path.of("..", "docs", "detections.md");
  private static final Path LANGUAGE = Path.of("..", "docs", "detection-language.md");
  private static final String BEGIN = "<!-- fields: begin -->\n";
  private static final String END = "<!-- fields: end -->\n";
  private static final String REWRITE =
      "rewrite it with: mvn -pl agent test -Dtest=DetectionsPageTest -Dmayfly.update=true";

  @Test
  void listsTheRules() throws Exception {
    requireCurrent(RULES, DetectionsPage.of(Detections.load(Optional.empty())));
  }

  @Test
  void listsTheFields() throws IOException {
    String page = Files.readString(LANGUAGE);
    int begin = page.indexOf(BEGIN) + BEGIN.length();
    int end = page.indexOf(END);
    requireCurrent(
        LANGUAGE, page.substring(0, begin) + DetectionsPage.fields() + page.substring(end));
  }

  private static void requireCurrent(Path page, String generated) throws IOException {
    if (Boolean.getBoolean("mayfly.update")) {
      Files.writeString(page, generated);
    }
    assertThat(page).as(REWRITE).hasContent(generated);
  }

  @Test
  void showsWhatARuleIsMadeOf() throws Exception {
    DetectionRules sample = Detections.load(Optional.of(Path.of("src/test/resources/rules")));
    assertThat(DetectionsPage.of(sample))
        .contains(
            "| [test.cron](#testcron) | high |"
                + " [T1053.003](https://attack.mitre.org/techniques/T1053/003/) | audit | A cron"
                + " job was written |")
        .contains(
            """
            ### test.download-and-run

            What was downloaded was run. A file was written by a program that was on the network, and then executed.

            ```
            event = socket and socket.use = connect and socket.port in $web
            then
            file.written and file.directory = "/tmp"
            then
            event = exec and
            process.called startswith /tmp/
            within 1m, by the same session
            ```

            If it was meant: Have it in the image.
            """)
        .contains("\n20 times with different dns.name within 30s\n");
  }
}
