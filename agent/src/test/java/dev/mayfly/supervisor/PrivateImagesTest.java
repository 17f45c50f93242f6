package dev.mayfly.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.engine.EngineException;
import dev.mayfly.policy.ImageReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PrivateImagesTest {
  private static final ImageReference TOOL = ImageReference.parse("registry.example/acme/tool:1");

  private final Path file;

  PrivateImagesTest(@TempDir Path directory) {
    this.file = directory.resolve("private-images");
  }

  @Test
  void holdNothingAtFirstAndMakeNoFile() throws IOException {
    assertThat(PrivateImages.in(file).holds(TOOL)).isFalse();
    assertThat(file).doesNotExist();
  }

  @Test
  void areRememberedByTheNextSupervisor() throws Exception {
    PrivateImages images = PrivateImages.in(file);
    images.add(TOOL);
    images.add(TOOL);
    images.add(ImageReference.parse("acme/other"));
    assertThat(file).hasContent("registry.example/acme/tool\ndocker.io/acme/other\n");
    PrivateImages next = PrivateImages.in(file);
    assertThat(next.holds(TOOL)).isTrue();
    assertThat(next.holds(ImageReference.parse("acme/other:2"))).isTrue();
    assertThat(next.holds(ImageReference.parse("acme/third"))).isFalse();
  }

  @Test
  void areOfARepositoryWhateverTheTagOrTheDigest() throws Exception {
    PrivateImages images = PrivateImages.in(file);
    images.add(TOOL);
    String digest = "@sha256:" + "a".repeat(64);
    for (String name : List.of("", ":1", ":2", digest, ":2" + digest)) {
      assertThat(images.holds(ImageReference.parse("registry.example/acme/tool" + name))).isTrue();
    }
    assertThat(images.holds(ImageReference.parse("registry.example/acme/tool2"))).isFalse();
    assertThat(images.holds(ImageReference.parse("acme/tool:1"))).isFalse();
  }

  @Test
  void areForThoseWhomTheRegistryLetIn() throws Exception {
    PrivateImages images = PrivateImages.in(file);
    images.add(TOOL);
    assertThat(images.isFor(TOOL, "acme/shop default")).isFalse();
    images.allow(TOOL, "acme/shop default");
    assertThat(images.isFor(TOOL, "acme/shop default")).isTrue();
    assertThat(
            images.isFor(ImageReference.parse("registry.example/acme/tool"), "acme/shop default"))
        .isTrue();
    assertThat(images.isFor(TOOL, "acme/shop")).isFalse();
    assertThat(images.isFor(TOOL, "evil/fork default")).isFalse();
  }

  @Test
  void areAskedForAgainAfterARestart() throws Exception {
    PrivateImages images = PrivateImages.in(file);
    images.add(TOOL);
    images.allow(TOOL, "acme/shop default");
    assertThat(PrivateImages.in(file).isFor(TOOL, "acme/shop default")).isFalse();
  }

  @Test
  void forgetThoseLetInLongAgoAndNeverThatTheyArePrivate() throws Exception {
    PrivateImages images = PrivateImages.in(file);
    images.add(TOOL);
    images.allow(TOOL, "first");
    IntStream.range(0, 5000).forEach(i -> images.allow(TOOL, "asker " + i));
    assertThat(images.isFor(TOOL, "first")).isFalse();
    assertThat(images.isFor(TOOL, "asker 4999")).isTrue();
    assertThat(images.holds(TOOL)).isTrue();
  }

  @Test
  void areNotAddedWhereTheyCannotBeWrittenDown() throws IOException {
    Files.createDirectory(file);
    Path below = file.resolve("none/private-images");
    PrivateImages images = PrivateImages.in(below);
    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> images.add(TOOL))
          .isInstanceOf(EngineException.class)
          .hasMessage(
              "remember that a login is needed for image registry.example/acme/tool: "
                  + below
                  + "; make room in state-dir");
    }
    assertThat(images.holds(TOOL)).isFalse();
  }

  @Test
  void areWrittenOnceEachByManyAtOnce() throws IOException {
    PrivateImages images = PrivateImages.in(file);
    List<CompletableFuture<Void>> adding =
        IntStream.range(0, 200)
            .mapToObj(
                i -> CompletableFuture.runAsync(() -> add(images, "r.example/image" + i % 50)))
            .toList();
    adding.forEach(CompletableFuture::join);
    assertThat(Files.readAllLines(file)).hasSize(50).doesNotHaveDuplicates();
  }

  private static void add(PrivateImages images, String name) {
    try {
      images.add(ImageReference.parse(name));
    } catch (EngineException e) {
      throw new AssertionError(e);
    }
  }
}
