package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table that operators read is the one that the attempts are held to. */
final class BypassPageTest {
  @Test
  void showsWhatComesOfEachAttempt() throws IOException {
    List<String> expected = BypassTable.read().rows().stream().map(BypassPageTest::line).toList();

    List<String> shown =
        Files.readAllLines(Path.of("..", "docs", "egress.md")).stream()
            .filter(line -> line.split(" \\| ", -1).length == 1 + BypassTable.POLICIES.size())
            .filter(line -> line.startsWith("| `"))
            .toList();

    assertThat(shown).containsExactlyElementsOf(expected);
  }

  private static String line(BypassTable.Row row) {
    List<String> cells = row.cells().stream().map(BypassTable.Cell::text).toList();
    return "| `" + row.attempt() + "` | " + String.join(" | ", cells) + " |";
  }
}
