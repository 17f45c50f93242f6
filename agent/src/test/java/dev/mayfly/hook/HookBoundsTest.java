package dev.mayfly.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.linux.UnixListener;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the hooks of a runner can't go beyond, over a real socket. */
@Timeout(60)
final class HookBoundsTest {
  private static final Duration LONG = Duration.ofHours(1);

  private final Path socket;
  private final BlockingQueue<String> log = new LinkedBlockingQueue<>();
  private @Nullable HookServer server;

  HookBoundsTest(@TempDir Path directory) {
    this.socket = directory.resolve("gl.sock");
  }

  private void serve(HookHandler handler, HookServer.Bounds bounds) throws IOException {
    int gid = (int) Files.getAttribute(socket.getParent(), "unix:gid");
    server =
        HookServer.start(
            socket,
            gid,
            new HookServer.Service(
                handler, Set.of(UnixListener.self()), bounds, LONG, "0.1.0", log::add));
  }

  @AfterEach
  void close() throws IOException {
    HookServer running = server;
    if (running != null) {
      running.close();
    }
  }

  private FakeHook connect() throws IOException {
    FakeHook hook = FakeHook.connect(socket);
    assertThat(hook.receive().type()).isEqualTo(FakeHook.HELLO);
    return hook;
  }

  private String logged() throws InterruptedException {
    return String.valueOf(log.poll(30, TimeUnit.SECONDS));
  }

  private static HookServer.Bounds within(Duration callLimit, int calls, long bytes) {
    return new HookServer.Bounds(callLimit, calls, bytes);
  }

  private void succeeds(FakeHook hook) throws IOException {
    hook.call("config");
    assertThat(hook.awaitEnd().exit()).containsExactly(0, 0, 0, 0, 0);
  }

  @Test
  void hangsUpOnAHookThatSendsNoWholeCallInTime() throws Exception {
    serve((_, _, _) -> new HookExit.Success(), within(Duration.ofMillis(50), 1, 1 << 20));
    try (FakeHook hook = connect()) {
      assertThatThrownBy(hook::receive).isInstanceOf(EOFException.class);
    }
    assertThat(logged()).isEqualTo("hook: no whole call came within 0s, and so it was hung up");
  }

  /** That the limit is over is known by another connection, which began later. */
  @Test
  void letsACallThatIsWholeTakeItsTime() throws Exception {
    CountDownLatch over = new CountDownLatch(1);
    serve(
        (_, _, _) -> {
          try {
            over.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return new HookExit.Success();
        },
        within(Duration.ofSeconds(2), 2, 1 << 20));
    try (FakeHook hook = connect().call("config");
        FakeHook silent = connect()) {
      assertThatThrownBy(silent::receive).isInstanceOf(EOFException.class);
      over.countDown();
      assertThat(hook.awaitEnd().exit()).containsExactly(0, 0, 0, 0, 0);
    }
  }

  @Test
  void servesNoMoreCallsAtOnceThanItMay() throws Exception {
    serve((_, _, _) -> new HookExit.Success(), within(LONG, 2, 1 << 20));
    FakeHook first = connect();
    try (FakeHook second = connect()) {
      for (int i = 0; i < 3; i++) {
        try (FakeHook third = FakeHook.connect(socket)) {
          assertThatThrownBy(third::receive).isInstanceOf(EOFException.class);
        }
      }
      assertThat(logged())
          .isEqualTo(
              "hook: 2 calls are served already, which is the most for this runner's slots: others"
                  + " are refused until one of them ends; look which processes of its user hold "
                  + socket);
      first.close();
      try (FakeHook third = connectOnceThereIsAPlace()) {
        succeeds(third);
      }
      succeeds(second);
    }
    assertThat(log).as("further lines").isEmpty();
  }

  /** As hooks do: who is hung up on before HELLO tries again. */
  private FakeHook connectOnceThereIsAPlace() throws IOException {
    while (true) {
      FakeHook hook = FakeHook.connect(socket);
      try {
        assertThat(hook.receive().type()).isEqualTo(FakeHook.HELLO);
        return hook;
      } catch (EOFException e) {
        hook.close();
      }
    }
  }

  @Test
  void holdsNoMoreOfAllCallsTogetherThanItMay() throws Exception {
    CountDownLatch whole = new CountDownLatch(1);
    CountDownLatch over = new CountDownLatch(1);
    serve(
        (_, _, _) -> {
          whole.countDown();
          try {
            over.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          return new HookExit.Success();
        },
        within(LONG, 2, 1 << 20));
    byte[] part = FakeHook.frame(FakeHook.SCRIPT, new byte[1 << 16]);
    try (FakeHook first = connect();
        FakeHook second = connect()) {
      for (int i = 0; i < 8; i++) {
        first.send(part);
      }
      first.call("run");
      whole.await();
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < 8; i++) {
                  second.send(part);
                }
                second.receive();
              })
          .isInstanceOf(IOException.class);
      assertThat(logged())
          .startsWith(
              "hook: a call is refused: with it, the calls that are served would have more than 1"
                  + " MiB together; ");
      over.countDown();
      assertThat(first.awaitEnd().exit()).containsExactly(0, 0, 0, 0, 0);
    }
    try (FakeHook third = connectOnceThereIsAPlace()) {
      for (int i = 0; i < 15; i++) {
        third.send(part);
      }
      succeeds(third);
    }
  }

  @Test
  void hasBoundsThatGrowWithTheSlots() {
    HookServer.Bounds bounds = HookServer.Bounds.of(8);
    assertThat(bounds.calls()).isEqualTo(48);
    assertThat(bounds.callLimit()).isEqualTo(Duration.ofSeconds(30));
    assertThat(bounds.bytes()).isBetween(1L << 20, Runtime.getRuntime().maxMemory() / 4);
  }
}
