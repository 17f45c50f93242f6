package dev.mayfly.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class OutputPumpTest {
  private static final long SEED = 20_261_101L;
  private static final int INITIAL_CREDIT = 256 << 10;

  private final BlockingQueue<Integer> given = new LinkedBlockingQueue<>();

  private OutputPump pump(OutputStream target) {
    return new OutputPump("test", target, given::add);
  }

  private int awaitCredit() throws InterruptedException {
    Integer bytes = given.poll(20, TimeUnit.SECONDS);
    assertThat(bytes).as("credit").isNotNull();
    return bytes;
  }

  @Test
  void passesEverythingOnInOrderAndGivesCreditForAsMuch() throws Exception {
    Random random = new Random(SEED);
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    ByteArrayOutputStream expected = new ByteArrayOutputStream();
    OutputPump pump = pump(target);
    int free = INITIAL_CREDIT;
    for (int i = 0; i < 500; i++) {
      byte[] bytes = new byte[1 + random.nextInt(10_000)];
      random.nextBytes(bytes);
      while (free < bytes.length) {
        free += awaitCredit();
      }
      free -= bytes.length;
      pump.offer(bytes);
      expected.writeBytes(bytes);
      Arrays.fill(bytes, (byte) 0);
    }
    pump.finish();
    pump.end().get(20, TimeUnit.SECONDS);
    assertThat(target.toByteArray()).as("seed %d", SEED).isEqualTo(expected.toByteArray());
    free += given.stream().mapToInt(Integer::intValue).sum();
    assertThat(free).isGreaterThan(INITIAL_CREDIT - OutputPump.STEP);
    assertThat(free).isLessThanOrEqualTo(INITIAL_CREDIT);
  }

  /** A reader that takes a write for each permit. */
  private static final class Slow extends OutputStream {
    final Semaphore permits = new Semaphore(0);

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        permits.acquire();
      } catch (InterruptedException e) {
        throw new IOException(e);
      }
    }
  }

  @Test
  void holdsNoMoreForASlowReaderThanCreditWasGivenFor() throws Exception {
    Slow slow = new Slow();
    OutputPump pump = pump(slow);
    for (int i = 0; i < 4; i++) {
      pump.offer(new byte[INITIAL_CREDIT / 4]);
    }
    assertThat(given).as("credit while nothing is taken").isEmpty();
    assertThatThrownBy(() -> pump.offer(new byte[1]))
        .isInstanceOf(CreditException.class)
        .hasMessageEndingWith("output beyond its credit");
    slow.permits.release(5);
  }

  @Test
  void takesMoreOnceTheReaderTookSome() throws Exception {
    Slow slow = new Slow();
    OutputPump pump = pump(slow);
    pump.offer(new byte[INITIAL_CREDIT]);
    slow.permits.release();
    assertThat(awaitCredit()).isEqualTo(INITIAL_CREDIT);
    pump.offer(new byte[INITIAL_CREDIT]);
    pump.finish();
    assertThat(pump.finished()).isTrue();
    assertThat(pump.end()).as("passed on").isNotDone();
    slow.permits.release();
    pump.end().get(20, TimeUnit.SECONDS);
    assertThat(pump.readerGone()).isNotDone();
  }

  @Test
  void dropsTheRestForAReaderThatIsGoneButGivesCreditForIt() throws Exception {
    OutputPump pump =
        pump(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException("broken pipe");
              }
            });
    for (int i = 0; i < 10; i++) {
      pump.offer(new byte[INITIAL_CREDIT]);
      assertThat(awaitCredit()).isEqualTo(INITIAL_CREDIT);
      assertThat(pump.readerGone()).isDone();
    }
    pump.finish();
    assertThatThrownBy(() -> pump.end().get(20, TimeUnit.SECONDS))
        .hasRootCauseMessage("broken pipe");
  }
}
