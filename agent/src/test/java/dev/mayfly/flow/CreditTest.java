package dev.mayfly.flow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CreditTest {
  @Test
  void givesAtMostWhatThereIs() throws IOException {
    Credit credit = new Credit(10);
    assertThat(credit.take(4)).isEqualTo(4);
    assertThat(credit.take(100)).isEqualTo(6);
    credit.add(3);
    assertThat(credit.take(100)).isEqualTo(3);
  }

  @Test
  void letsWhoFindsNoneWaitForMore() throws Exception {
    Credit credit = new Credit(0);
    FutureTask<Integer> taking = new FutureTask<>(() -> credit.take(5));
    Thread.ofVirtual().start(taking);
    credit.add(2);
    assertThat(taking.get(20, TimeUnit.SECONDS)).isEqualTo(2);
  }

  @Test
  void givesNothingOnceTheReaderIsGoneAlsoToThoseWhoWait() throws Exception {
    Credit credit = new Credit(0);
    FutureTask<Integer> taking = new FutureTask<>(() -> credit.take(5));
    Thread.ofVirtual().start(taking);
    credit.close();
    assertThat(taking.get(20, TimeUnit.SECONDS)).isZero();
    credit.add(2);
    assertThat(credit.take(1)).isZero();
  }

  @Test
  void endsTheWaitOfWhoIsInterrupted() throws Exception {
    Credit credit = new Credit(0);
    CompletableFuture<Boolean> flag = new CompletableFuture<>();
    Thread waiting =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    int taken = credit.take(1);
                    flag.completeExceptionally(new AssertionError("took " + taken));
                  } catch (IOException e) {
                    flag.complete(Thread.currentThread().isInterrupted());
                  }
                });
    waiting.interrupt();
    assertThat(flag.get(20, TimeUnit.SECONDS)).as("is still interrupted").isTrue();
  }

  @Test
  void refusesMoreThanMayBeOutstanding() throws IOException {
    Credit credit = new Credit(Credit.INITIAL);
    credit.add(Credit.MAX - Credit.INITIAL);
    assertThatThrownBy(() -> credit.add(1)).isInstanceOf(CreditException.class);
    assertThatThrownBy(() -> credit.add(Integer.MAX_VALUE)).isInstanceOf(CreditException.class);
    assertThat(credit.take(Integer.MAX_VALUE)).isEqualTo(Credit.MAX);
  }
}
