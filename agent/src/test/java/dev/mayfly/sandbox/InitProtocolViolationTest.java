package dev.mayfly.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.engine.EngineException;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A PID 1 that does not keep to the protocol loses its sandbox, and costs no memory. */
@Timeout(60)
class InitProtocolViolationTest {
  private final FakeInit init;
  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
  private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();

  InitProtocolViolationTest() throws EngineException {
    this.init = FakeInit.connect();
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void givesASandboxUpWhosePid1BreaksTheProtocol() throws Exception {
    Command command = init.spawn(stdout, stderr);
    init.complains("trace\n");
    init.says(InitFrames.frame(99, 0, new byte[0]), InitFrames.exited(1, 0, 0));
    assertThat(command.awaitEnd())
        .isEqualTo(
            new Command.End.SandboxLost(
                "PID 1 broke the init protocol: unknown frame type 99 (it said: trace)"));
  }

  @Test
  void givesASandboxUpWhosePid1SendsMoreOutputThanItHasCreditFor() throws Exception {
    Command command = init.spawn(new NeverWritten(), stderr);
    for (int i = 0; i < 4; i++) {
      init.says(InitFrames.stdout(1, new byte[64 << 10]));
    }
    assertThat(command.end()).isNotDone();
    init.says(InitFrames.stdout(1, new byte[1]));
    assertThat(command.awaitEnd())
        .isEqualTo(
            new Command.End.SandboxLost("PID 1 broke the init protocol: output beyond its credit"));
  }

  /** A reader that takes nothing for as long as the test lasts. */
  private static final class NeverWritten extends OutputStream {
    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
      try {
        new CountDownLatch(1).await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  @Test
  void givesASandboxUpWhosePid1SendsOutputAfterItsEnd() throws Exception {
    Command command = init.spawn(stdout, stderr);
    init.says(InitFrames.stdout(1, new byte[0]), InitFrames.stdout(1, new byte[0]));
    assertThat(command.awaitEnd())
        .isEqualTo(
            new Command.End.SandboxLost(
                "PID 1 broke the init protocol: output after the end of its stream"));
  }

  @Test
  void givesASandboxUpWhosePid1SendsOutputOnAStreamThatThereIsNot() throws Exception {
    Command command = init.spawn(InitFrame.Mode.MERGED, stdout, stderr);
    init.says(InitFrames.stdout(1, text("both")), InitFrames.stderr(1, text("x")));
    assertThat(command.awaitEnd())
        .isEqualTo(
            new Command.End.SandboxLost(
                "PID 1 broke the init protocol: output on a stream that the command does not have"));
  }

  @Test
  void givesASandboxUpWhosePid1GivesMoreCreditThanThereIs() throws Exception {
    Command command = init.spawn(stdout, stderr);
    init.says(InitFrames.inputCredit(1, (4 << 20) - (256 << 10)));
    assertThat(command.end()).isNotDone();
    init.says(InitFrames.inputCredit(1, 1));
    assertThat(command.awaitEnd())
        .isEqualTo(
            new Command.End.SandboxLost(
                "PID 1 broke the init protocol: credit above 4194304 bytes"));
  }
}
