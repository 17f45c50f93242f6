package dev.mayfly.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DockerEngineTest {
  private static final ContainerId ID = new ContainerId("c0".repeat(32));
  private static final String NAME = "registry.test/tool:1";

  @TempDir private Path directory;
  private FakeEngineApi api;
  private DockerEngine engine;

  @BeforeEach
  void connect() throws IOException, EngineException {
    Path socket = directory.resolve("e.sock");
    api = new FakeEngineApi(socket);
    engine =
        DockerEngine.connect(
            socket, new EngineCalls.Limits(Duration.ofMillis(100), Duration.ofMillis(200)));
  }

  @AfterEach
  void disconnect() throws IOException {
    engine.close();
    api.close();
  }

  interface Question {
    void ask(Engine engine) throws EngineException;
  }

  static Stream<Question> questions() {
    return Stream.of(
        Engine::facts,
        e -> e.image(NAME),
        e -> e.inspect(ID),
        e -> e.start(ID),
        e -> e.download(ID, "/etc/passwd", 1),
        e -> e.kill(ID),
        e -> e.remove(ID),
        e -> e.containers("a=b"),
        e -> e.volumes("a=b"),
        e -> e.removeVolume("v"));
  }

  @ParameterizedTest
  @MethodSource("questions")
  void givesUpOnAnEngineThatHangs(Question question) {
    assertThatThrownBy(() -> question.ask(engine))
        .isInstanceOf(EngineException.Unreachable.class)
        .hasMessageMatching(".*e\\.sock: no answer within 0\\.[12] s; the engine hangs: see its.*");
    assertThat(api.requests()).isNotEmpty();
  }

  @Test
  void givesUpOnAFileThatDoesNotEnd() {
    api.beginning("/containers/" + ID.value() + "/archive", "the first bytes of it");

    assertThatThrownBy(() -> engine.download(ID, "/etc/passwd", 1 << 20))
        .isInstanceOf(EngineException.Unreachable.class)
        .hasMessageContaining("no answer within");
  }

  @Test
  void takesTheAnswersOfAnEngineThatDoesNot() throws EngineException {
    api.answering("/volumes", "{\"Volumes\":[{\"Name\":\"v\",\"Labels\":{\"a\":\"b\"}}]}");

    try (DockerEngine patient = DockerEngine.connect(directory.resolve("e.sock"))) {
      assertThat(patient.volumes("a=b")).extracting(Labelled::id).containsExactly("v");
    }
  }

  private ThrowingCallable pulling() {
    return () -> engine.pull(NAME, Optional.empty(), Duration.ofMinutes(1));
  }

  @Test
  void tellsInTheEnginesWordsWhyAPullFailedMidway() {
    api.answering(
        "/images/create",
        """
        {"status":"Pulling from tool","id":"1"}
        {"errorDetail":{"message":"toomanyrequests: slow down"},"error":"toomanyrequests: slow down"}
        """);

    assertThatThrownBy(pulling())
        .isInstanceOf(EngineException.class)
        .hasMessage(
            "pull image registry.test/tool:1: toomanyrequests: slow down; check the name, the"
                + " registry and the engine's access to it, or load the image by hand");
  }

  /** What engines say of registries that want a login, or another one. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Head registry.test/v2/tool/manifests/1: no basic auth credentials",
        "unauthorized: authentication required",
        "unauthorized: HTTP Basic: Access denied",
        "pull access denied for tool, repository does not exist or may require 'docker login'",
        "denied: requested access to the resource is denied",
        "error pulling image: denied: access forbidden",
        "unable to retrieve auth token: invalid username/password"
      })
  void tellsAPullThatTheRegistryDeniesFromOneThatFailed(String words) {
    api.answering("/images/create", "{\"errorDetail\":{\"message\":\"" + words + "\"}}\n");

    assertThatThrownBy(pulling())
        .isInstanceOf(EngineException.Denied.class)
        .hasMessageStartingWith("pull image registry.test/tool:1: " + words)
        .hasMessageEndingWith(
            "; check the name, and that the job comes with a login that may read it (in GitLab:"
                + " DOCKER_AUTH_CONFIG)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "toomanyrequests: slow down",
        "Get https://registry.test/v2/: net/http: TLS handshake timeout",
        "open /var/lib/engine/tmp: permission denied"
      })
  void takesNoOtherFailureForADenial(String words) {
    api.answering("/images/create", "{\"errorDetail\":{\"message\":\"" + words + "\"}}\n");

    assertThatThrownBy(pulling()).isExactlyInstanceOf(EngineException.class);
  }

  @Test
  void pullsWhatTheEngineSaysItHas() {
    api.answering("/images/create", "{\"status\":\"Pulling from tool\",\"id\":\"1\"}\n");

    assertThatCode(pulling()).doesNotThrowAnyException();
    assertThat(api.requests()).hasSize(1);
    assertThat(api.requests().getFirst()).contains("fromImage=registry.test%2Ftool%3A1");
  }

  @Test
  void tellsAPullThatTakesTooLongFromOneThatFailed() {
    assertThatThrownBy(() -> engine.pull(NAME, Optional.empty(), Duration.ofMillis(100)))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("not done after PT0.1S");
  }
}
