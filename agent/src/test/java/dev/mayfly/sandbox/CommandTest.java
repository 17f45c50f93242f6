package dev.mayfly.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.engine.EngineException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CommandTest {
  /** In such steps credit is given back. */
  private static final int STEP = 64 << 10;

  private static final long SEED = 20_261_101L;
  private static final int INITIAL_CREDIT = 256 << 10;
  private static final Duration LONG = Duration.ofSeconds(20);

  private final FakeInit init;
  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream();
  private final ByteArrayOutputStream stderr = new ByteArrayOutputStream();

  CommandTest() throws EngineException {
    this.init = FakeInit.connect();
  }

  private static CompletableFuture<Void> feeding(Command command, byte[] input) {
    return CompletableFuture.runAsync(
        () -> {
          try {
            command.stdin(input, 0, input.length);
            command.closeStdin();
          } catch (IOException e) {
            throw new CompletionException(e);
          }
        },
        task -> Thread.ofVirtual().start(task));
  }

  @Test
  void sendsInputInWholeAndNeverMoreThanThereIsCreditFor() throws Exception {
    Random random = new Random(SEED);
    byte[] input = new byte[1 << 20];
    random.nextBytes(input);
    ByteArrayOutputStream received = new ByteArrayOutputStream();
    Command command = init.spawn(stdout, stderr);

    CompletableFuture<Void> feeding = feeding(command, input);
    long credit = INITIAL_CREDIT;
    while (received.size() < input.length) {
      FakeInit.Frame frame = init.awaitFrame();
      assertThat(frame.type()).isEqualTo(2);
      assertThat(frame.payload()).hasSizeBetween(1, 64 << 10);
      received.writeBytes(frame.payload());
      assertThat((long) received.size())
          .as("bytes sent, seed %d", SEED)
          .isLessThanOrEqualTo(credit);
      if (received.size() == credit) {
        int more = 1 + random.nextInt(100_000);
        credit += more;
        init.says(InitFrames.inputCredit(1, more));
      }
    }
    assertThat(init.awaitFrame().payload()).as("the end of the input").isEmpty();
    feeding.get(20, TimeUnit.SECONDS);
    assertThat(received.toByteArray()).isEqualTo(input);
  }

  @Test
  void dropsInputForACommandThatEnded() throws Exception {
    Command command = init.spawn(stdout, stderr);
    init.says(InitFrames.exited(1, 0, 0));
    command.stdin(new byte[10], 0, 10);
    command.signal(InitFrame.Scope.GROUP, 15);
    FakeInit.Frame next = init.awaitFrame();
    assertThat(next.type()).as("a signal, and no input before it").isEqualTo(4);
    assertThat(next.payload()).as("to the process group").containsExactly(1, 15);
  }

  @Test
  void letsGoOfWhoFeedsACommandThatEnds() throws Exception {
    Command command = init.spawn(stdout, stderr);
    CompletableFuture<Void> feeding = feeding(command, new byte[INITIAL_CREDIT + 1]);
    for (int sent = 0; sent < INITIAL_CREDIT; ) {
      sent += init.awaitFrame().payload().length;
    }
    assertThat(feeding).isNotDone();
    init.says(InitFrames.exited(1, 1, 9));
    feeding.get(20, TimeUnit.SECONDS);
  }

  @Test
  void passesSizesOfTheTerminalOn() throws Exception {
    Command command = init.spawn(InitFrame.Mode.PTY, stdout, stderr);
    command.resize(50, 300);
    FakeInit.Frame frame = init.awaitFrame();
    assertThat(frame.type()).isEqualTo(5);
    assertThat(frame.payload()).containsExactly(0, 50, 1, 44);
  }

  @Test
  void givesCreditBackForOutputThatWasPassedOn() throws Exception {
    Command command = init.spawn(stdout, stderr);
    init.says(InitFrames.stdout(1, new byte[STEP - 1]));
    init.says(InitFrames.stdout(1, new byte[2]));
    FakeInit.Frame first = init.awaitFrame();
    assertThat(first.type()).isEqualTo(3);
    assertThat(first.payload()).containsExactly(1, 0, 1, 0, 1);
    init.says(InitFrames.stderr(1, new byte[STEP]));
    assertThat(init.awaitFrame().payload()).containsExactly(2, 0, 1, 0, 0);
    assertThat(stdout.size()).isEqualTo(STEP + 1);
    assertThat(command.end()).isNotDone();
  }

  private static final class Closed extends OutputStream {
    @Override
    public void write(int b) throws IOException {
      throw new IOException("broken pipe");
    }
  }

  @Test
  void tellsPid1OnceOfEachStreamThatNobodyReadsItAndGoesOnTakingOutput() throws Exception {
    Command command = init.spawn(new Closed(), new Closed());
    init.says(InitFrames.stdout(1, new byte[STEP]));
    assertThat(init.awaitFrame().payload()).as("unread").containsExactly(1, 0, 0, 0, 0);
    assertThat(init.awaitFrame().payload()).as("dropped").containsExactly(1, 0, 1, 0, 0);
    init.says(InitFrames.stdout(1, new byte[STEP - 1]), InitFrames.stdout(1, new byte[8]));
    assertThat(init.awaitFrame().payload()).as("dropped").containsExactly(1, 0, 1, 0, 7);
    init.says(InitFrames.stderr(1, new byte[7]), InitFrames.stderr(1, new byte[STEP - 1]));
    assertThat(init.awaitFrame().payload()).as("unread").containsExactly(2, 0, 0, 0, 0);
    assertThat(init.awaitFrame().payload()).as("dropped").containsExactly(2, 0, 1, 0, 6);
    init.says(
        InitFrames.exited(1, 1, 13),
        InitFrames.stdout(1, new byte[0]),
        InitFrames.stderr(1, new byte[0]));
    assertThat(command.output()).as("whether every reader took all").failsWithin(LONG);
  }
}
