package dev.mayfly.runner.gitlab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BoundedLinesTest {
  private final List<String> seen = new ArrayList<>();
  private final BoundedLines lines =
      new BoundedLines(5, (line, cut) -> seen.add(line + (cut ? "|" : "")));

  private void take(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    lines.take(bytes, bytes.length);
  }

  @Test
  void comeWholeWhateverThePieces() {
    take("on");
    take("e\ntwo\r\n\nth");
    take("ree");
    assertThat(seen).containsExactly("one", "two", "");
    lines.end();
    lines.end();
    assertThat(seen).containsExactly("one", "two", "", "three");
  }

  @Test
  void areCutWhereTheyAreTooLong() {
    take("12345\n123456\n1");
    take("23456789");
    take("0\nab\n");
    assertThat(seen).containsExactly("12345", "12345|", "12345|", "ab");
  }

  @Test
  void takeOnlyWhatIsThere() {
    lines.take("one\ntwo\n".getBytes(StandardCharsets.UTF_8), 4);
    assertThat(seen).containsExactly("one");
  }
}
