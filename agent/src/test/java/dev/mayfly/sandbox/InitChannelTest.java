package dev.mayfly.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.engine.EngineException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class InitChannelTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final FakeInit init;
  private final InitChannel channel;
  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
  private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();

  InitChannelTest() throws EngineException {
    this.init = FakeInit.connect();
    this.channel = init.channel();
  }

  private Command spawn() throws Exception {
    return init.spawn(stdout, stderr);
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void waitsForPid1ToAnswer() throws Exception {
    init.says(InitFrames.hello(1, 90));
    assertThat(channel.awaitHello(LONG).lifetime()).isEqualTo(Duration.ofSeconds(90));
  }

  @Test
  void refusesASandboxWhosePid1IsSilentAndTellsWhatItSaidOnStderr() {
    assertThatThrownBy(() -> channel.awaitHello(Duration.ZERO))
        .isInstanceOf(IOException.class)
        .hasMessage("PID 1 did not start within 0 s");
    init.complains("mayfly-init: prctl: Operation not permitted;\n raise nofile\n");
    assertThatThrownBy(() -> channel.awaitHello(Duration.ZERO))
        .hasMessage(
            "PID 1 did not start within 0 s (it said: mayfly-init: prctl: Operation not permitted;"
                + "  raise nofile)");
  }

  @Test
  void refusesAPid1OfAnotherVersion() {
    init.says(InitFrames.hello(2, 0));
    assertThatThrownBy(() -> channel.awaitHello(LONG))
        .isInstanceOf(InitProtocolException.class)
        .hasMessage("PID 1 broke the init protocol: version 2, not 1");
  }

  @Test
  void tellsWhyPid1EndedBeforeItAnswered() {
    init.complains("mayfly-init: not PID 1; start it as one\n");
    init.ends();
    assertThatThrownBy(() -> channel.awaitHello(LONG))
        .hasMessage(
            "PID 1 did not start: PID 1 of the sandbox ended (it said: mayfly-init: not PID 1;"
                + " start it as one)");
  }

  @Test
  void keepsABoundedPartOfWhatPid1SaysOnStderr() {
    for (int i = 0; i < 100; i++) {
      init.complains("x".repeat(1000));
    }
    init.ends();
    assertThatThrownBy(() -> channel.awaitHello(LONG))
        .hasMessageContaining("x".repeat(4096))
        .message()
        .hasSizeLessThan(4096 + 100);
  }

  @Test
  void givesEveryCommandANumberOfItsOwn() throws Exception {
    CommandSpec spec =
        new CommandSpec(
            7, 8, List.of(), InitFrame.Mode.PIPES, 0, 0, text("/"), List.of(text("a")), List.of());
    Set<Integer> ids = new HashSet<>();
    for (int i = 0; i < 100; i++) {
      Command unused = channel.spawn(spec, new Command.Sinks(stdout, stderr));
      FakeInit.Frame frame = init.awaitFrame();
      assertThat(frame.type()).isEqualTo(1);
      assertThat(frame.spawn().uid()).isEqualTo(7);
      assertThat(unused.end()).isNotDone();
      ids.add(frame.command());
    }
    assertThat(ids).hasSize(100).doesNotContain(0);
  }

  @Test
  void tellsTheCommandsApart() throws Exception {
    ByteArrayOutputStream other = new ByteArrayOutputStream();
    Command first = spawn();
    Command second = init.spawn(other, other);
    init.says(
        InitFrames.started(2, 20),
        InitFrames.started(1, 10),
        InitFrames.stdout(2, text("second")),
        InitFrames.stdout(1, text("first")),
        InitFrames.exited(2, 0, 2));
    assertThat(first.started().get()).isEqualTo(10);
    assertThat(second.started().get()).isEqualTo(20);
    assertThat(exitCode(second)).isEqualTo(2);
    assertThat(first.end()).isNotDone();
    init.says(InitFrames.exited(1, 1, 9), ends(1), ends(2));
    assertThat(exitCode(first)).isEqualTo(137);
    assertThat(first.output()).succeedsWithin(LONG);
    assertThat(second.output()).succeedsWithin(LONG);
    assertThat(stdout).hasToString("first");
    assertThat(other).hasToString("second");
  }

  private static byte[] ends(int command) {
    ByteArrayOutputStream both = new ByteArrayOutputStream();
    both.writeBytes(InitFrames.stdout(command, new byte[0]));
    both.writeBytes(InitFrames.stderr(command, new byte[0]));
    return both.toByteArray();
  }

  private static int exitCode(Command command) throws InterruptedException {
    return ((Command.End.Exited) command.awaitEnd()).frame().shellCode();
  }

  @Test
  void passesOnOutputThatComesAfterTheExit() throws Exception {
    Command command = spawn();
    init.says(InitFrames.stdout(1, text("before ")), InitFrames.exited(1, 0, 0));
    assertThat(exitCode(command)).isZero();
    init.says(InitFrames.stdout(1, text("after")), InitFrames.stderr(1, text("too")), ends(1));
    assertThat(command.output()).succeedsWithin(LONG);
    assertThat(stdout).hasToString("before after");
    assertThat(stderr).hasToString("too");
  }

  @Test
  void tellsThatOutputIsNotCompleteWhileAProcessHoldsTheStream() throws Exception {
    Command command = spawn();
    init.says(InitFrames.exited(1, 0, 0), InitFrames.stdout(1, new byte[0]));
    assertThat(command.output()).isNotDone();
    init.says(InitFrames.stderr(1, new byte[0]));
    assertThat(command.output()).succeedsWithin(LONG);
  }

  @Test
  void ignoresFramesOfCommandsThatAreOverOrNeverWere() throws Exception {
    Command command = spawn();
    init.says(InitFrames.exited(1, 0, 0), ends(1));
    assertThat(command.output()).succeedsWithin(LONG);
    for (int id : new int[] {1, 2, 0, -1}) {
      init.says(
          InitFrames.started(id, 1),
          InitFrames.stdout(id, text("late")),
          InitFrames.stderr(id, text("late")),
          InitFrames.inputCredit(id, 1),
          InitFrames.failed(id, 4, 2),
          InitFrames.exited(id, 1, 9),
          ends(id));
    }
    assertThat(exitCode(command)).isZero();
    assertThat(stdout.size() + stderr.size()).isZero();
    pings();
  }

  /** The channel still works. */
  private void pings() throws Exception {
    FutureTask<Boolean> ping = inBackground(() -> channel.ping(LONG));
    assertThat(init.awaitFrame().type()).isEqualTo(7);
    init.says(InitFrames.pong(new byte[0]));
    assertThat(ping.get(20, TimeUnit.SECONDS)).isTrue();
  }

  private interface Task {
    void run() throws IOException, InterruptedException;
  }

  private static FutureTask<Boolean> inBackground(Task task) {
    Callable<Boolean> call =
        () -> {
          task.run();
          return true;
        };
    FutureTask<Boolean> future = new FutureTask<>(call);
    Thread.ofVirtual().start(future);
    return future;
  }

  @Test
  void tellsWhyACommandWasNotExecuted() throws Exception {
    Command command = spawn();
    init.says(InitFrames.failed(1, 4, 2));
    assertThat(command.awaitEnd()).isEqualTo(new Command.End.NotStarted(InitFrame.Step.EXEC, 2));
    assertThat(command.output()).succeedsWithin(LONG);
    assertThat(command.started()).isDone();
  }

  @Test
  void endsEveryCommandWhenTheConnectionIsLost() throws Exception {
    List<Command> commands = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      commands.add(spawn());
    }
    init.attachment().receiver().ended(new IOException("broken pipe"));
    for (Command command : commands) {
      assertThat(command.awaitEnd())
          .isEqualTo(
              new Command.End.SandboxLost("the connection to the sandbox broke: broken pipe"));
      assertThat(command.output()).succeedsWithin(LONG);
      assertThat(command.started()).isDone();
    }
  }

  @Test
  void endsACommandThatIsSpawnedInALostSandboxAtOnce() throws Exception {
    init.ends();
    Command command =
        channel.spawn(
            new CommandSpec(
                0,
                0,
                List.of(),
                InitFrame.Mode.PTY,
                0,
                0,
                text("/"),
                List.of(text("a")),
                List.of()),
            new Command.Sinks(stdout, stderr));
    assertThat(command.awaitEnd())
        .isEqualTo(new Command.End.SandboxLost("PID 1 of the sandbox ended"));
    assertThat(init.attachment().hasSent()).isFalse();
  }

  @Test
  void tellsALifetimeThatWasReachedFromALostSandbox() throws Exception {
    Command command = spawn();
    init.says(InitFrames.notice(1));
    assertThat(command.end()).isNotDone();
    init.ends();
    assertThat(command.awaitEnd()).isEqualTo(new Command.End.LifetimeReached());
  }

  @Test
  void leavesACommandThatEndedBeforeTheSandboxItsOwnEnd() throws Exception {
    Command command = spawn();
    init.says(InitFrames.exited(1, 0, 5), InitFrames.notice(1));
    init.ends();
    assertThat(exitCode(command)).isEqualTo(5);
  }

  @Test
  void endsTheConnectionWhenItIsClosed() throws Exception {
    Command command = spawn();
    channel.close();
    assertThat(init.attachment().isClosed()).isTrue();
    assertThat(command.awaitEnd()).isInstanceOf(Command.End.SandboxLost.class);
    assertThatThrownBy(() -> channel.ping(LONG)).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> command.signal(InitFrame.Scope.GROUP, 9))
        .isInstanceOf(IOException.class);
  }

  @Test
  void waitsUntilPid1HasKilledEverything() throws Exception {
    FutureTask<Boolean> killing = inBackground(() -> channel.killAll(LONG));
    FakeInit.Frame frame = init.awaitFrame();
    assertThat(frame.type()).isEqualTo(6);
    assertThat(frame.command()).isZero();
    assertThat(killing).isNotDone();
    init.says(InitFrames.killed());
    assertThat(killing.get(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void answersEveryoneWhoAsksForTheEndOfAllProcesses() throws Exception {
    FutureTask<Boolean> first = inBackground(() -> channel.killAll(LONG));
    FutureTask<Boolean> second = inBackground(() -> channel.killAll(LONG));
    assertThat(List.of(init.awaitFrame().type(), init.awaitFrame().type())).containsExactly(6, 6);
    init.says(InitFrames.killed(), InitFrames.killed());
    assertThat(first.get(20, TimeUnit.SECONDS)).isTrue();
    assertThat(second.get(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void takesNoLateAnswerForTheNextOne() throws Exception {
    assertThatThrownBy(() -> channel.killAll(Duration.ZERO))
        .hasMessage("PID 1 did not end the sandbox's processes within 0 s");
    assertThat(init.awaitFrame().type()).isEqualTo(6);
    FutureTask<Boolean> second = inBackground(() -> channel.killAll(LONG));
    assertThat(init.awaitFrame().type()).isEqualTo(6);
    init.says(InitFrames.killed());
    assertThat(second).isNotDone();
    init.says(InitFrames.killed());
    assertThat(second.get(20, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void tellsThatPid1DiedInsteadOfKilling() {
    init.ends();
    assertThatThrownBy(() -> channel.killAll(LONG))
        .hasMessage("PID 1 did not end the sandbox's processes: PID 1 of the sandbox ended");
  }
}
