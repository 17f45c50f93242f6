package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever starts destroys what dead supervisors left, as far as it can see that it is gone. */
final class ReaperIT {
  private final Path directory;

  ReaperIT(@TempDir Path directory) {
    this.directory = directory;
  }

  @AfterEach
  void leavesNothing() {
    for (TestEngine engine : TestEngine.values()) {
      for (String name : new String[] {"first", "second"}) {
        assertThat(Leftovers.of(engine.socket(), directory.resolve(name + "/state"))).isEmpty();
      }
    }
  }

  private Mayfly on(TestEngine engine, String name) throws IOException {
    return Mayfly.on(engine, Files.createDirectories(directory.resolve(name)), "");
  }

  private static void kill(Mayfly mayfly) throws IOException {
    try (RunningExec victim = mayfly.startExec("sh", "-c", "echo up; read _")) {
      victim.awaitLine("up");
    }
  }

  @Test
  void leavesWhatIsOnAnotherEngineToWhoeverUsesThatOne() throws IOException {
    Mayfly mayfly = on(TestEngine.PRIVATE, "first");
    kill(mayfly);

    assertThat(on(TestEngine.HOST_DOCKER, "second").exec("true").stderr()).isEmpty();

    assertThat(mayfly.exec("true").stderr())
        .contains("lost by a supervisor that died, was destroyed: container ", "directory ");
  }

  @Test
  void destroysWhatIsInAnotherStateDirectory() throws IOException {
    kill(on(TestEngine.PRIVATE, "first"));

    assertThat(on(TestEngine.PRIVATE, "second").exec("true").stderr())
        .contains("was destroyed: container ", "directory " + directory.resolve("first/state"));
  }

  /** The engine may come to a request only when who sent it is dead, and all behind it swept. */
  @ParameterizedTest
  @EnumSource
  void isNotOutlastedByAContainerThatADeadSupervisorAskedFor(TestEngine engine) throws IOException {
    Path socket = directory.resolve("engine.sock");
    Mayfly mayfly = on(engine, "first");
    Files.writeString(
        mayfly.config(),
        Files.readString(mayfly.config()).replace(engine.socket().toString(), socket.toString()));
    try (EngineProxy proxy = new EngineProxy(engine.socket(), socket)) {
      try (RunningExec _ = mayfly.startExec("true")) {
        proxy.awaitKept();
      }

      Mayfly.Result next = mayfly.exec("true");

      assertThat(next.stderr()).contains("was destroyed: directory ");
      if (engine == TestEngine.HOST_PODMAN) {
        // It makes what it is to bind and is not there.
        assertThat(proxy.release()).startsWith("HTTP/1.1 201");
        assertThat(mayfly.exec("true").stderr()).contains("was destroyed: ");
      } else {
        assertThat(proxy.release()).matches("HTTP/1.1 [45].*");
      }
    }
  }
}
