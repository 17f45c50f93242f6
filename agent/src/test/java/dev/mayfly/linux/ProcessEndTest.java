package dev.mayfly.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ProcessEndTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @Test
  void waitsForTheEnd() throws Exception {
    Process process = new ProcessBuilder("cat").start();
    assertThat(ProcessEnd.await(process.toHandle(), Duration.ZERO)).isFalse();
    CompletableFuture<Boolean> ended =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return ProcessEnd.await(process.toHandle(), LONG);
              } catch (SyscallException e) {
                throw new IllegalStateException(e);
              }
            });
    assertThat(ended).isNotDone();

    process.destroyForcibly();

    assertThat(ended.get(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
    process.waitFor();
    assertThat(ProcessEnd.await(process.toHandle(), Duration.ZERO)).isTrue();
  }
}
