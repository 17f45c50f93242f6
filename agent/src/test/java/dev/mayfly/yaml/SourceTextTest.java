package dev.mayfly.yaml;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every character of a value that can be found again is found, however the value is written. */
class SourceTextTest {

  /** The value has an X, whose place is wanted. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          a: b X c ; 1:6
          a: "b X c" ; 1:7
          a: 'b X c' ; 1:7
          a: 'it''s X' ; 1:11
          a: "\\"\\\\ X" ; 1:10
          a: "b\\n  X" ; 1:4
          a: "b\\x41 X" ; 1:4
          a: b~   c~      X d ; 3:7
          a: "b~~   X" ; 3:4
          a: |~  b~   X ; 3:4
          a: >-~  b~  c X ; 3:5
          a: |2-  # why~   b X ; 2:6
          a: >~~  b~~~  X ; 6:3
          ? "x"~: b X ; 2:5
          """)
  void findsThePlaceInTheFile(String yaml, String wanted) {
    String text = yaml.replace('~', '\n') + "\n";
    Problems problems = new Problems(Path.of("f"), text);
    Optional<Node> root = YamlFile.tree(problems);
    assertThat(problems.errors()).isEmpty();
    Node value = ((Node.Mapping) root.orElseThrow()).entries().getFirst().value();
    Node.Scalar scalar = (Node.Scalar) value;
    Position at = new SourceText(text).of(scalar.at(), scalar.text(), scalar.text().indexOf('X'));
    assertThat(at.line() + ":" + at.column()).isEqualTo(wanted);
  }
}
