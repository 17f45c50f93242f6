package dev.mayfly.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.linux.UnixListener;
import dev.mayfly.sandbox.Command;
import dev.mayfly.sandbox.FakeInit;
import dev.mayfly.supervisor.JobControl;
import dev.mayfly.supervisor.Steered;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Calls on a real socket, with a handler that runs no sandbox. */
@Timeout(60)
final class HookServerTest {
  private static final int SIGHUP = 1;
  private static final int SIGTERM = 15;
  private static final Duration LONG = Duration.ofHours(1);
  private static final String REMEDY = "; are mayfly-hook and the supervisor of the same version?";

  private final Path socket;
  private final BlockingQueue<String> log = new LinkedBlockingQueue<>();
  private @Nullable HookServer server;

  HookServerTest(@TempDir Path directory) {
    this.socket = directory.resolve("gl.sock");
  }

  private void serve(HookHandler handler) throws IOException {
    serve(handler, LONG, UnixListener.self());
  }

  private void serve(HookHandler handler, Duration grace, UserPrincipal user) throws IOException {
    int gid = (int) Files.getAttribute(socket.getParent(), "unix:gid");
    server =
        HookServer.start(
            socket,
            gid,
            new HookServer.Service(
                handler, Set.of(user), HookServer.Bounds.of(4), grace, "0.1.0", log::add));
  }

  @AfterEach
  void leavesNoFile() throws IOException {
    HookServer running = server;
    if (running != null) {
      running.close();
    }
    assertThat(socket).doesNotExist();
    assertThat(socket.resolveSibling("gl.sock.lock")).doesNotExist();
  }

  private FakeHook connect() throws IOException {
    FakeHook hook = FakeHook.connect(socket);
    FakeHook.Frame hello = hook.receive();
    assertThat(hello.type()).isEqualTo(FakeHook.HELLO);
    assertThat(hello.text()).isEqualTo("\0\0\0\u00010.1.0");
    return hook;
  }

  private String logged() throws InterruptedException {
    return String.valueOf(log.poll(30, TimeUnit.SECONDS));
  }

  private static void write(OutputStream stream, byte[] bytes) {
    try {
      stream.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static HookExit untilCancelled(JobControl control) {
    return new HookExit.JobFailed(128 + control.cancelled().join());
  }

  @Test
  void servesACallFromItsFirstFrameToItsLast() throws Exception {
    BlockingQueue<HookCall> calls = new LinkedBlockingQueue<>();
    serve(
        (call, streams, _) -> {
          calls.add(call);
          write(streams.stdout(), bytes("out"));
          write(streams.stderr(), bytes("err\n"));
          streams.messages().accept("a line\nof the \u001b[31mjob's");
          return new HookExit.JobFailed(3);
        });
    try (FakeHook hook = connect()) {
      hook.send(
          FakeHook.frame(FakeHook.ARGUMENT, "run"),
          FakeHook.frame(FakeHook.ARGUMENT, "/s"),
          FakeHook.frame(FakeHook.ARGUMENT, "build_script"),
          FakeHook.frame(FakeHook.VARIABLE, "TMPDIR=/t"),
          FakeHook.frame(FakeHook.RESPONSE, "{}"),
          FakeHook.frame(FakeHook.SCRIPT, "exit 3"),
          FakeHook.frame(FakeHook.GO));
      FakeHook.End end = hook.awaitEnd();
      assertThat(end.stdout()).asString().isEqualTo("out");
      assertThat(end.messages()).isEqualTo("err\nmayfly: a line\\x0aof the \\x1b[31mjob's\n");
      assertThat(end.exit()).containsExactly(1, 0, 0, 0, 3);
    }
    HookCall call = calls.take();
    assertThat(call.name()).isEqualTo("run");
    assertThat(call.arguments()).containsExactly("/s", "build_script");
    assertThat(call.variable("TMPDIR")).contains("/t");
    assertThat(call.response()).isPresent();
    assertThat(call.script()).asString().isEqualTo("exit 3");
    assertThat(log).isEmpty();
  }

  @Test
  void givesTheScriptToTheCommandsInput() throws Exception {
    serve(
        (_, streams, _) -> {
          try {
            streams.stdin().transferTo(streams.stdout());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
          return new HookExit.Success();
        });
    byte[] script = new byte[1 << 20];
    new Random(5).nextBytes(script);
    try (FakeHook hook = connect()) {
      hook.send(FakeHook.frame(FakeHook.ARGUMENT, "run"));
      for (int at = 0; at < script.length; at += 1 << 16) {
        hook.send(FakeHook.frame(FakeHook.SCRIPT, Arrays.copyOfRange(script, at, at + (1 << 16))));
      }
      hook.send(FakeHook.frame(FakeHook.GO));
      FakeHook.End end = hook.awaitEnd();
      assertThat(end.stdout()).isEqualTo(script);
      assertThat(end.exit()).containsExactly(0, 0, 0, 0, 0);
    }
  }

  @Test
  void keepsNoMoreOutputThanTheSocketDoesWhileItsReaderIsSlow() throws Exception {
    byte[] output = new byte[32 << 20];
    new Random(6).nextBytes(output);
    AtomicLong written = new AtomicLong();
    serve(
        (_, streams, _) -> {
          for (int at = 0; at < output.length; at += 1 << 18) {
            write(streams.stdout(), Arrays.copyOfRange(output, at, at + (1 << 18)));
            written.addAndGet(1 << 18);
          }
          return new HookExit.Success();
        });
    try (FakeHook hook = connect()) {
      hook.call("run", "/s", "build_script");
      int read = 0;
      FakeHook.Frame frame = hook.receive();
      while (frame.type() == FakeHook.STDOUT) {
        assertThat(frame.payload().length).isLessThanOrEqualTo(HookFrame.MAX_BYTES);
        assertThat(frame.payload())
            .isEqualTo(Arrays.copyOfRange(output, read, read + frame.payload().length));
        read += frame.payload().length;
        assertThat(written.get() - read).isLessThan(4 << 20);
        frame = hook.receive();
      }
      assertThat(read).isEqualTo(output.length);
      assertThat(frame.type()).isEqualTo(FakeHook.EXIT);
    }
  }

  @Test
  void passesASignalOnToTheWholeSandboxAndEndsTheCallAfterItsGrace() throws Exception {
    FakeInit init = FakeInit.connect();
    CountDownLatch steered = new CountDownLatch(1);
    serve(
        (_, _, control) -> {
          Steered.by(control, spawn(init));
          steered.countDown();
          return untilCancelled(control);
        },
        Duration.ofMillis(200),
        UnixListener.self());
    try (FakeHook hook = connect()) {
      hook.call("run", "/s", "build_script");
      steered.await();
      long start = System.nanoTime();
      hook.send(FakeHook.frame(FakeHook.SIGNAL, (byte) SIGTERM));
      FakeInit.Frame signal = init.awaitFrame();
      assertThat(signal.type()).as("SIGNAL").isEqualTo(4);
      assertThat(signal.payload()).as("of the sandbox").containsExactly(2, SIGTERM);
      assertThat(hook.awaitEnd().exit()).containsExactly(1, 0, 0, 0, 128 + SIGTERM);
      assertThat(Duration.ofNanos(System.nanoTime() - start))
          .isGreaterThanOrEqualTo(Duration.ofMillis(200));
    }
  }

  @Test
  void lastsAsLongAsTheGraceAfterOneSignalAndNoLongerThanTheSecond() throws Exception {
    FakeInit init = FakeInit.connect();
    CountDownLatch steered = new CountDownLatch(1);
    CompletableFuture<JobControl> controls = new CompletableFuture<>();
    serve(
        (_, _, control) -> {
          Steered.by(control, spawn(init));
          controls.complete(control);
          steered.countDown();
          return untilCancelled(control);
        });
    try (FakeHook hook = connect()) {
      hook.call("run", "/s", "build_script");
      steered.await();
      hook.send(FakeHook.frame(FakeHook.SIGNAL, (byte) SIGTERM));
      assertThat(init.awaitFrame().type()).isEqualTo(4);
      assertThat(controls.get().cancelled()).isNotDone();
      hook.send(FakeHook.frame(FakeHook.SIGNAL, (byte) 2));
      assertThat(hook.awaitEnd().exit()).containsExactly(1, 0, 0, 0, 130);
    }
  }

  private static Command spawn(FakeInit init) {
    try {
      return init.spawn(OutputStream.nullOutputStream(), OutputStream.nullOutputStream());
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void endsTheCallOfAHookThatDied() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    BlockingQueue<Integer> cancelled = new LinkedBlockingQueue<>();
    serve(
        (_, _, control) -> {
          running.countDown();
          cancelled.add(control.cancelled().join());
          return new HookExit.SystemFailed();
        });
    FakeHook hook = connect();
    hook.call("run", "/s", "build_script");
    running.await();

    hook.close();

    assertThat(cancelled.poll(30, TimeUnit.SECONDS)).isEqualTo(SIGHUP);
    assertThat(log).isEmpty();
  }

  @Test
  void endsNothingForAHookThatIsDone() throws Exception {
    CompletableFuture<JobControl> controls = new CompletableFuture<>();
    serve(
        (_, _, control) -> {
          controls.complete(control);
          return new HookExit.Success();
        });
    try (FakeHook hook = connect()) {
      hook.call("cleanup");
      assertThat(hook.awaitEnd().exit()).containsExactly(0, 0, 0, 0, 0);
    }
    close();

    assertThat(controls.get().cancelled()).isNotDone();
    assertThat(log).isEmpty();
  }

  @Test
  void tellsTheHandlerThatItsReaderIsGone() throws Exception {
    BlockingQueue<Throwable> failures = new LinkedBlockingQueue<>();
    serve(
        (_, streams, _) -> {
          try {
            while (true) {
              streams.stdout().write(new byte[1 << 16]);
            }
          } catch (IOException e) {
            failures.add(e);
            streams.messages().accept("nobody reads this");
            return new HookExit.SystemFailed();
          }
        });
    try (FakeHook hook = connect()) {
      hook.call("run", "/s", "build_script");
      assertThat(hook.receive().type()).isEqualTo(FakeHook.STDOUT);
    }
    assertThat(failures.poll(30, TimeUnit.SECONDS)).isInstanceOf(IOException.class);
  }

  @Test
  void refusesUsersWhomItDoesNotServe() throws Exception {
    UserPrincipal another =
        FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
    serve((_, _, _) -> new HookExit.Success(), LONG, another);
    try (FakeHook hook = FakeHook.connect(socket)) {
      assertThatThrownBy(hook::receive).isInstanceOf(IOException.class);
    }
    assertThat(logged())
        .isEqualTo(
            "hook: user "
                + UnixListener.self()
                + " may not ask this supervisor, only [nobody] may");
  }

  @Test
  void servesTwoCallsAtOnce() throws Exception {
    CyclicBarrier both = new CyclicBarrier(2);
    serve(
        (call, _, _) -> {
          try {
            both.await(30, TimeUnit.SECONDS);
          } catch (Exception e) {
            return new HookExit.SystemFailed();
          }
          return new HookExit.JobFailed(Integer.parseInt(call.arguments().getFirst()));
        });
    try (FakeHook one = connect();
        FakeHook other = connect()) {
      one.call("run", "1");
      other.call("run", "2");
      assertThat(one.awaitEnd().exit()).containsExactly(1, 0, 0, 0, 1);
      assertThat(other.awaitEnd().exit()).containsExactly(1, 0, 0, 0, 2);
    }
  }

  @Test
  void endsCallsWhenItIsClosed() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    BlockingQueue<Integer> cancelled = new LinkedBlockingQueue<>();
    serve(
        (_, _, control) -> {
          running.countDown();
          cancelled.add(control.cancelled().join());
          return new HookExit.SystemFailed();
        });
    try (FakeHook hook = connect();
        FakeHook silent = connect()) {
      hook.call("run", "/s", "build_script");
      running.await();

      close();

      assertThat(cancelled.poll(30, TimeUnit.SECONDS)).isEqualTo(SIGHUP);
      assertThat(failed(hook)).isTrue();
      assertThatThrownBy(silent::receive).isInstanceOf(EOFException.class);
    }
  }

  /** Many times, because what it is about lasts some microseconds. */
  @Test
  void leavesNoCallRunningOnceItIsClosed() throws Exception {
    for (int i = 0; i < 200; i++) {
      AtomicInteger running = new AtomicInteger();
      CompletableFuture<Void> ended = new CompletableFuture<>();
      serve(
          (_, _, control) -> {
            running.incrementAndGet();
            control.cancelled().join();
            running.decrementAndGet();
            ended.complete(null);
            return new HookExit.SystemFailed();
          });
      try (FakeHook hook = FakeHook.connect(socket)) {
        hook.call("config");
        close();
        assertThat(failed(hook)).isTrue();
        if (running.get() > 0) {
          ended.get(30, TimeUnit.SECONDS);
        }
      }
    }
  }

  /** Whether the call failed, told by the server or by its silence. */
  private static boolean failed(FakeHook hook) {
    try {
      return hook.awaitEnd().exit()[0] == 2;
    } catch (IOException e) {
      return true;
    }
  }

  private void close() throws IOException {
    HookServer running = server;
    if (running != null) {
      running.close();
    }
  }

  @Test
  void endsTheCallOfAHookThatSendsMoreThanItsCall() throws Exception {
    BlockingQueue<Integer> cancelled = new LinkedBlockingQueue<>();
    serve(
        (_, _, control) -> {
          cancelled.add(control.cancelled().join());
          return new HookExit.SystemFailed();
        });
    try (FakeHook hook = connect()) {
      hook.call("run", "/s", "build_script");
      hook.send(FakeHook.frame(FakeHook.SCRIPT, "more"));
      assertThat(cancelled.poll(30, TimeUnit.SECONDS)).isEqualTo(SIGHUP);
    }
    assertThat(logged()).isEqualTo("hook: not the hook protocol: more after the call" + REMEDY);
  }

  @Test
  void hangsUpOnWhatIsNotTheProtocol() throws Exception {
    serve((_, _, _) -> new HookExit.Success());
    try (FakeHook hook = connect()) {
      hook.send(bytes("GET / HTTP/1.1\r\n\r\n"));
      assertThatThrownBy(hook::receive).isInstanceOf(IOException.class);
    }
    assertThat(logged()).isEqualTo("hook: not the hook protocol: frame type 71" + REMEDY);
    try (FakeHook hook = connect()) {
      hook.send(FakeHook.frame(FakeHook.SIGNAL, (byte) SIGTERM));
      assertThatThrownBy(hook::receive).isInstanceOf(IOException.class);
    }
    assertThat(logged())
        .isEqualTo("hook: not the hook protocol: a signal before the call" + REMEDY);
  }

  @Test
  void servesOnAfterAHookThatHungUpBeforeItsCall() throws Exception {
    serve((_, _, _) -> new HookExit.Success());
    connect().close();
    try (FakeHook half = connect()) {
      half.send(new byte[] {1, 0, 0});
    }
    try (FakeHook hook = connect()) {
      hook.call("config");
      assertThat(hook.awaitEnd().exit()).containsExactly(0, 0, 0, 0, 0);
    }
    assertThat(log).isEmpty();
  }

  @Test
  void saysThatAHandlersFailureIsABug() throws Exception {
    serve(
        (_, _, _) -> {
          throw new IllegalStateException("a\tb");
        });
    try (FakeHook hook = connect()) {
      hook.call("config");
      FakeHook.End end = hook.awaitEnd();
      assertThat(end.messages())
          .isEqualTo(
              "mayfly: Mayfly met what it did not expect (java.lang.IllegalStateException: a\\x09b);"
                  + " this is a bug, please report it\n");
      assertThat(end.exit()).containsExactly(2, 0, 0, 0, 0);
    }
  }

  @Test
  void letsItsGroupConnectAndNobodyElse() throws Exception {
    serve((_, _, _) -> new HookExit.Success());
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-rw----");
  }
}
