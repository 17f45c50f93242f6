package dev.mayfly.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.engine.EngineException;
import dev.mayfly.sandbox.Command;
import dev.mayfly.sandbox.FakeInit;
import dev.mayfly.sandbox.InitFrame;
import dev.mayfly.sandbox.InitFrames;
import java.io.OutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JobControlTest {
  private static final int SIGINT = 2;
  private static final int SIGTERM = 15;

  private final JobControl control = new JobControl();
  private final FakeInit init;

  JobControlTest() throws EngineException {
    this.init = FakeInit.connect();
  }

  private Command running() throws Exception {
    Command command = init.spawn(OutputStream.nullOutputStream(), OutputStream.nullOutputStream());
    control.steer(command);
    return command;
  }

  private void awaitSignal(int number) throws InterruptedException {
    FakeInit.Frame frame = init.awaitFrame();
    assertThat(frame.type()).as("SIGNAL").isEqualTo(4);
    assertThat(frame.payload()).as("of the process group").containsExactly(1, number);
  }

  @Test
  void givesTheFirstSignalToTheCommandAndEndsTheJobWithTheSecond() throws Exception {
    Command command = running();
    control.signal(SIGINT);
    awaitSignal(SIGINT);
    assertThat(control.cancelled()).isNotDone();
    control.signal(SIGTERM);
    assertThat(control.cancelled()).isCompletedWithValue(SIGTERM);
    control.signal(SIGINT);
    assertThat(control.cancelled()).isCompletedWithValue(SIGTERM);
    command.signal(InitFrame.Scope.GROUP, 9);
    awaitSignal(9);
  }

  @Test
  void endsAJobThatHasNoCommandYet() {
    assertThat(control.cancelledAlready()).isEmpty();
    control.signal(SIGTERM);
    assertThat(control.cancelledAlready()).contains(SIGTERM);
    assertThat(control.cancelled()).isCompletedWithValue(SIGTERM);
  }

  @Test
  void endsTheJobWhereTheSignalCannotReachTheCommand() throws Exception {
    Command command = running();
    init.channel().close();
    assertThat(command.awaitEnd()).isInstanceOf(Command.End.SandboxLost.class);
    control.signal(SIGINT);
    assertThat(control.cancelled()).isCompletedWithValue(SIGINT);
  }

  @Test
  void passesTheTerminalsSizeOnAndNothingBeforeThereIsACommand() throws Exception {
    control.resize(1, 2);
    running();
    control.resize(24, 80);
    FakeInit.Frame frame = init.awaitFrame();
    assertThat(frame.type()).as("RESIZE").isEqualTo(5);
    assertThat(frame.payload()).containsExactly(0, 24, 0, 80);
    control.signal(SIGINT);
    awaitSignal(SIGINT);
  }

  @Test
  void endsAJobWhateverItDoesWhenItIsCancelled() throws Exception {
    running();
    control.cancel(SIGTERM);
    assertThat(control.cancelled()).isCompletedWithValue(SIGTERM);
  }

  /** Who looks on can't end the job. */
  @Test
  void givesOutNoMeansToEndTheJob() {
    control.cancelled().complete(SIGINT);
    assertThat(control.cancelledAlready()).isEmpty();
  }

  @Test
  void doesNotEndTheJobByTheFirstSignalWhileOutputIsOnItsWay() throws Exception {
    Command command = running();
    init.says(InitFrames.exited(1, 0, 0), InitFrames.stdout(1, new byte[64 << 10]));
    assertThat(command.awaitEnd()).isInstanceOf(Command.End.Exited.class);
    assertThat(init.awaitFrame().type()).as("WINDOW").isEqualTo(3);
    control.signal(SIGINT);
    awaitSignal(SIGINT);
    assertThat(control.cancelled()).isNotDone();
  }
}
