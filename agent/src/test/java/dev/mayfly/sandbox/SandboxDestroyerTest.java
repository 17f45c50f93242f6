package dev.mayfly.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.engine.ContainerFacts;
import dev.mayfly.engine.Engine;
import dev.mayfly.engine.Labelled;
import dev.mayfly.linux.NoCgroups;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SandboxDestroyerTest {
  private static final SandboxId ID = SandboxId.of("testtest", 1);
  private static final String CONTAINER = "c0".repeat(32);

  private final AtomicInteger looks = new AtomicInteger();
  private final AtomicBoolean removed = new AtomicBoolean();
  @TempDir private Path sandboxes;

  /**
   * Lists its container from some look on, until that is removed; fails a thread's interruption.
   */
  private Engine engine(int firstLook) {
    return (Engine)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Engine.class},
            (_, method, _) -> {
              if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("interrupted");
              }
              return switch (method.getName()) {
                case "containers" ->
                    looks.incrementAndGet() < firstLook || removed.get()
                        ? List.of()
                        : List.of(new Labelled(CONTAINER, Map.of()));
                case "volumes" -> List.of();
                case "inspect" ->
                    new ContainerFacts(false, Optional.empty(), Optional.empty(), List.of());
                case "remove" -> {
                  removed.set(true);
                  yield null;
                }
                default -> throw new UnsupportedOperationException(method.getName());
              };
            });
  }

  private Teardown destroy(Engine engine) {
    return new SandboxDestroyer(engine, NoCgroups.make(), sandboxes).destroy(ID, List.of());
  }

  private Path home() throws IOException {
    return Files.createDirectory(sandboxes.resolve(ID.value()));
  }

  @Test
  void removesAContainerThatTheEngineListsOnlyAfterTheHomeIsGone() throws IOException {
    Path home = home();

    assertThat(destroy(engine(4)).verified()).isTrue();

    assertThat(removed).isTrue();
    assertThat(home).doesNotExist();
  }

  @Test
  void looksNoFurtherWhereTheContainerWasThere() throws IOException {
    home();

    assertThat(destroy(engine(1)).verified()).isTrue();

    assertThat(removed).isTrue();
    assertThat(looks).hasValue(3);
  }

  @Test
  void destroysThoughItsThreadIsInterrupted() throws IOException {
    home();
    Thread.currentThread().interrupt();
    try {
      assertThat(destroy(engine(1)).leftovers()).isEmpty();
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
  }
}
