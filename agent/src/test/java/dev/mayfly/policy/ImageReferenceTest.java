package dev.mayfly.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
  private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

  @Test
  void takesNamesApart() {
    ImageReference image = ImageReference.parse("registry.example:5000/ci/build_x:v1.2@" + DIGEST);
    assertThat(image.name()).isEqualTo("registry.example:5000/ci/build_x");
    assertThat(image.tag()).hasValue("v1.2");
    assertThat(image.digest()).hasValue(DIGEST);
    assertThat(image.pinned()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mayfly-base",
        "a",
        "a:1",
        "localhost:5000/a",
        "[::1]:5000/a:b",
        "a__b/c--d/e.f",
        "Registry.EXAMPLE/a"
      })
  void readsBackWhatItShows(String text) {
    ImageReference image = ImageReference.parse(text);
    assertThat(image).hasToString(text).isEqualTo(ImageReference.parse(image.toString()));
    assertThat(image.pinned()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " a",
        "a ",
        "A",
        "a:",
        "a@",
        "a/",
        "/a",
        "a//b",
        "-a",
        "--privileged",
        "a:b:c",
        "a@sha256:0",
        "a@md5:00",
        "a\n",
        "a;b",
        "$(a)",
        "../a",
        "a:-b"
      })
  void refusesWhatIsNotAnImageName(String text) {
    assertThatThrownBy(() -> ImageReference.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            Quote.of(text)
                + " is not an image name: write name, name:tag or name@sha256:…, in lower case");
  }

  @Test
  void refusesNamesThatAreTooLong() {
    assertThat(ImageReference.parse("a".repeat(512)).name()).hasSize(512);
    assertThatThrownBy(() -> ImageReference.parse("a".repeat(513)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "tool, tool:latest",
    "registry.test:5000/tool, registry.test:5000/tool:latest",
    "tool:1, tool:1",
    "tool@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef,"
        + " tool@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  })
  void meansTheTagLatestWhereNothingElseIsSaid(String text, String meant) {
    assertThat(ImageReference.parse(text).withDefaultTag()).hasToString(meant);
  }

  @ParameterizedTest
  @CsvSource({
    "tool, docker.io, docker.io/library/tool",
    "acme/tool:1, docker.io, docker.io/acme/tool",
    "docker.io/tool, docker.io, docker.io/library/tool",
    "docker.io/acme/tool, docker.io, docker.io/acme/tool",
    "index.docker.io/tool, index.docker.io, docker.io/library/tool",
    "index.docker.io/acme/tool, index.docker.io, docker.io/acme/tool",
    "registry.example/tool, registry.example, registry.example/tool",
    "registry:5000/acme/tool:v1, registry:5000, registry:5000/acme/tool",
    "localhost/tool, localhost, localhost/tool",
    "'[::1]:5000/tool', '[::1]:5000', '[::1]:5000/tool'",
    "Registry/tool, Registry, Registry/tool",
  })
  void tellsTheRegistryAndTheFullNameAsEnginesDo(String text, String registry, String fullName) {
    ImageReference image = ImageReference.parse(text);
    assertThat(image.registry()).isEqualTo(registry);
    assertThat(image.fullName()).isEqualTo(fullName);
  }
}
