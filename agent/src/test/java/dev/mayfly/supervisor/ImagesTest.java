package dev.mayfly.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.FakeEngine;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.engine.RegistryLogin;
import dev.mayfly.job.Job;
import dev.mayfly.job.JobId;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.PullPolicy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImagesTest {
  private static final String NAME = "registry.example:5000/ci/build:v1";
  private static final ImageFacts IMAGE =
      new ImageFacts("sha256:" + "a".repeat(64), List.of(), "", Set.of());

  private final FakeEngine engine = new FakeEngine();
  private final List<String> told = new ArrayList<>();

  @TempDir Path scratch;

  private ImageFacts find(String name, PullPolicy pull) throws EngineException {
    return find(images(), ImageReference.parse(name), request("acme/shop", pull));
  }

  private static ImageFacts find(Images images, ImageReference name, JobRequest request)
      throws EngineException {
    return images.find(name, List.of(), request, _ -> {});
  }

  private Images images() {
    try {
      return new Images(engine, PrivateImages.in(scratch.resolve("private-images")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JobRequest request(String project, PullPolicy pull, RegistryLogin... logins) {
    return new JobRequest(
        new Job(new JobId("1"), "gitlab", Optional.of(project), Optional.of("main"), "build"),
        Policy.DEFAULT.withPull(pull),
        Optional.empty(),
        List.of(),
        List.of(logins),
        Optional.empty(),
        List.of(),
        Duration.ZERO,
        Optional.empty(),
        Optional.empty());
  }

  private static final String PRIVATE = "registry.example.org/acme/tool:1";
  private static final RegistryLogin MEMBER =
      new RegistryLogin("registry.example.org", "member", "secret");
  private static final RegistryLogin STRANGER =
      new RegistryLogin("registry.example.org", "stranger", "secret");

  @Test
  void givesAnImageThatNeedsALoginToThoseAloneWhomTheRegistryLetsIn() throws EngineException {
    engine.publishing(PRIVATE, IMAGE).onlyTo(PRIVATE, "member");
    ImageReference name = ImageReference.parse(PRIVATE);
    Images images = images();
    assertThat(find(images, name, request("acme/shop", PullPolicy.MISSING, MEMBER)))
        .isEqualTo(IMAGE);
    assertThat(engine.held(PRIVATE)).isTrue();
    for (Images each : List.of(images, images())) {
      for (PullPolicy pull : PullPolicy.values()) {
        assertThatThrownBy(() -> find(each, name, request("evil/fork", pull)))
            .as("nobody, " + pull)
            .isInstanceOf(EngineException.Missing.class);
        assertThatThrownBy(() -> find(each, name, request("evil/fork", pull, STRANGER)))
            .as("a stranger, " + pull)
            .isInstanceOf(EngineException.Missing.class);
      }
      assertThat(find(each, name, request("acme/shop", PullPolicy.MISSING, MEMBER)))
          .isEqualTo(IMAGE);
    }
  }

  @Test
  void takesTheLoginForTheMostOfAnImagesPathAndTheFirstOfThose() throws EngineException {
    engine.publishing(PRIVATE, IMAGE);
    images()
        .find(
            ImageReference.parse(PRIVATE),
            List.of(),
            request(
                "acme/shop",
                PullPolicy.ALWAYS,
                new RegistryLogin("registry.example.org", "all", "s"),
                new RegistryLogin("registry.example.org/acme", "group", "s"),
                new RegistryLogin("registry.example.org/acme", "group-again", "s"),
                new RegistryLogin("registry.example.org/other/tool", "other", "s"),
                new RegistryLogin("registry.example.org", "all-again", "s")),
            _ -> {});
    assertThat(engine.pulled()).containsExactly(PRIVATE + " as group");
  }

  @Test
  void takesALoginToTheHubForImagesWithoutARegistry() throws EngineException {
    engine.publishing("tool:1", IMAGE);
    images()
        .find(
            ImageReference.parse("tool:1"),
            List.of(),
            request(
                "acme/shop",
                PullPolicy.ALWAYS,
                new RegistryLogin("https://index.docker.io/v1/", "hub", "s")),
            _ -> {});
    assertThat(engine.pulled()).containsExactly("tool:1 as hub");
  }

  @Test
  void asksTheRegistryOnceForAProjectThatItLetIn() throws EngineException {
    engine.publishing(PRIVATE, IMAGE).onlyTo(PRIVATE, "member");
    Images images = images();
    for (int i = 0; i < 3; i++) {
      find(images, ImageReference.parse(PRIVATE), request("acme/shop", PullPolicy.MISSING, MEMBER));
    }
    assertThat(engine.pulled()).containsExactly(PRIVATE + " as member");
  }

  @Test
  void asksTheRegistryEachTimeWhereThePolicySaysSo() throws EngineException {
    engine.publishing(NAME, IMAGE);
    find(NAME, PullPolicy.ALWAYS);
    find(NAME, PullPolicy.ALWAYS);
    assertThat(engine.pulled()).containsExactly(NAME, NAME);
  }

  @ParameterizedTest
  @EnumSource(value = PullPolicy.class, names = "ALWAYS", mode = EnumSource.Mode.EXCLUDE)
  void asksNoRegistryForWhatTheEngineHolds(PullPolicy pull) throws EngineException {
    engine.holding(NAME, IMAGE);
    assertThat(find(NAME, pull)).isEqualTo(IMAGE);
    assertThat(engine.pulled()).isEmpty();
  }

  @Test
  void fetchesWhatIsMissing() throws EngineException {
    engine.publishing(NAME, IMAGE);
    assertThat(find(NAME, PullPolicy.MISSING)).isEqualTo(IMAGE);
    assertThat(find(NAME, PullPolicy.MISSING)).isEqualTo(IMAGE);
    assertThat(engine.pulled()).containsExactly(NAME);
  }

  @Test
  void fetchesNothingWhereThePolicySaysNever() {
    engine.publishing(NAME, IMAGE);
    assertThatThrownBy(() -> find(NAME, PullPolicy.NEVER))
        .isInstanceOf(EngineException.class)
        .hasMessage(
            "find image "
                + NAME
                + ": the engine does not hold it, and the policy or the job says pull: never;"
                + " load it into the engine, or say pull: missing (in the job, if-not-present)");
    assertThat(engine.pulled()).isEmpty();
  }

  private ImageFacts found(PullPolicy policy, PullPolicy... asked) throws EngineException {
    return images()
        .find(ImageReference.parse(NAME), List.of(asked), request("acme/shop", policy), told::add);
  }

  @ParameterizedTest
  @CsvSource({
    "MISSING, ALWAYS, 1",
    "MISSING, MISSING, 0",
    "MISSING, NEVER, 0",
    "NEVER, ALWAYS, 0",
    "ALWAYS, MISSING, 1",
    "ALWAYS, NEVER, 1",
  })
  void takesTheJobsWayWhereThePolicyLeavesIt(PullPolicy policy, PullPolicy asked, int pulls)
      throws EngineException {
    engine.holding(NAME, IMAGE).publishing(NAME, IMAGE);
    assertThat(found(policy, asked)).isEqualTo(IMAGE);
    assertThat(engine.pulled()).hasSize(pulls);
    assertThat(told).isEmpty();
  }

  @Test
  void triesTheJobsWaysInTurn() throws EngineException {
    engine.holding(NAME, IMAGE);
    assertThat(found(PullPolicy.MISSING, PullPolicy.ALWAYS, PullPolicy.MISSING)).isEqualTo(IMAGE);
    assertThat(told)
        .singleElement()
        .asString()
        .startsWith("pull always: pull image " + NAME)
        .endsWith("; trying missing");
    engine.publishing(NAME, IMAGE);
    assertThat(found(PullPolicy.MISSING, PullPolicy.NEVER, PullPolicy.ALWAYS)).isEqualTo(IMAGE);
  }

  @Test
  void triesNoOtherWayThanThePolicys() {
    engine.publishing(NAME, IMAGE);
    assertThatThrownBy(() -> found(PullPolicy.NEVER, PullPolicy.NEVER, PullPolicy.ALWAYS))
        .isInstanceOf(EngineException.Missing.class);
    assertThat(engine.pulled()).isEmpty();
    assertThat(told).isEmpty();
  }

  @Test
  void givesAPrivateImageToNobodyByAnotherWay() throws EngineException {
    engine.publishing(PRIVATE, IMAGE).onlyTo(PRIVATE, "member");
    ImageReference name = ImageReference.parse(PRIVATE);
    Images images = images();
    find(images, name, request("acme/shop", PullPolicy.MISSING, MEMBER));
    assertThatThrownBy(
            () ->
                images.find(
                    name,
                    List.of(PullPolicy.ALWAYS, PullPolicy.MISSING, PullPolicy.NEVER),
                    request("evil/fork", PullPolicy.MISSING),
                    told::add))
        .isInstanceOf(EngineException.Missing.class);
    assertThat(told).hasSize(2);
  }

  /** Whoever owned that name in a registry would own every job. */
  @ParameterizedTest
  @ValueSource(strings = {"mayfly-base", "mayfly-base:latest", "mayfly-base:v2"})
  void neverLooksForMayflysOwnImageInARegistry(String name) {
    engine.publishing(name, IMAGE);
    for (PullPolicy pull : PullPolicy.values()) {
      assertThatThrownBy(() -> find(name, pull))
          .isInstanceOf(EngineException.class)
          .hasMessage(
              "find image "
                  + name
                  + ": the engine does not hold it; make it with packaging/image/mayfly-base");
    }
    assertThat(engine.pulled()).isEmpty();
  }

  @Test
  void neverLooksForMayflysOwnImageByDigestEither() {
    String pinned = "mayfly-base@sha256:" + "b".repeat(64);
    engine.publishing(pinned, IMAGE);
    assertThatThrownBy(() -> find(pinned, PullPolicy.MISSING)).isInstanceOf(EngineException.class);
    assertThat(engine.pulled()).isEmpty();
  }

  @Test
  void tellsWhatARegistryDoesNotHave() {
    assertThatThrownBy(() -> find(NAME, PullPolicy.MISSING))
        .isInstanceOf(EngineException.Missing.class)
        .hasMessageStartingWith("pull image " + NAME);
  }

  @Test
  void pullsOneTagOfANameWithoutOne() throws EngineException {
    engine.publishing("tool:latest", IMAGE);

    assertThat(find("tool", PullPolicy.MISSING)).isEqualTo(IMAGE);
    assertThat(engine.pulled()).containsExactly("tool:latest");
  }

  /** All of them are one repository to engines. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "acme/tool:1",
        "docker.io/acme/tool:1",
        "index.docker.io/acme/tool:1",
      })
  void givesAPrivateImageToNobodyByAnotherOfItsNames(String other) throws EngineException {
    String first = "acme/tool:1";
    RegistryLogin member = new RegistryLogin("docker.io", "member", "secret");
    engine.publishing(first, IMAGE).onlyTo(first, "member");
    Images images = images();
    find(images, ImageReference.parse(first), request("acme/shop", PullPolicy.MISSING, member));
    engine.holding(other, IMAGE);
    for (PullPolicy pull : PullPolicy.values()) {
      assertThatThrownBy(
              () -> find(images, ImageReference.parse(other), request("evil/fork", pull)))
          .isInstanceOf(EngineException.Missing.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sha256:a", "sha256:aaaaaaaaaaaa"})
  void takesNoIdForAName(String id) {
    engine.holding(id, IMAGE);
    assertThatThrownBy(() -> find(id, PullPolicy.MISSING))
        .isInstanceOf(EngineException.Missing.class)
        .hasMessage(
            "find image "
                + id
                + ": that is the id of an image, which does not tell who may have it; write the"
                + " image's name, or name@sha256:…");
    assertThat(engine.pulled()).isEmpty();
  }

  /** Engines take a name without a tag for the beginning of an id, too. */
  @Test
  void looksNoNameUpWithoutATag() {
    engine.holding("aaaaaaaa", IMAGE);
    assertThatThrownBy(() -> find("aaaaaaaa", PullPolicy.NEVER))
        .isInstanceOf(EngineException.Missing.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"docker.io/library/mayfly-base", "index.docker.io/mayfly-base:v2"})
  void neverLooksForMayflysOwnImageByAnotherOfItsNames(String name) {
    engine.publishing(name, IMAGE);
    assertThatThrownBy(() -> find(name, PullPolicy.ALWAYS)).isInstanceOf(EngineException.class);
    assertThat(engine.pulled()).isEmpty();
  }
}
