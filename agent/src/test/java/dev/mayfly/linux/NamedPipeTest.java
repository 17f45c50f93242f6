package dev.mayfly.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class NamedPipeTest {
  private final Path place;

  NamedPipeTest(@TempDir Path directory) {
    place = directory.resolve("output");
  }

  private static Process start(NamedPipe pipe, String script) throws IOException {
    Process process =
        new ProcessBuilder("sh", "-c", script).redirectOutput(pipe.redirect()).start();
    pipe.handedOver();
    return process;
  }

  private static String rest(NamedPipe pipe) throws IOException {
    ByteBuffer all = ByteBuffer.allocate(1 << 10);
    while (pipe.read(all) >= 0) {
      assertThat(all.hasRemaining()).isTrue();
    }
    return new String(all.array(), 0, all.position(), StandardCharsets.UTF_8);
  }

  @Test
  void hasWhatAChildPrintedAndEndsWithIt() throws Exception {
    Files.writeString(place, "what an earlier one left");
    try (NamedPipe pipe = NamedPipe.make(place)) {
      Process process = start(pipe, "echo one; echo two");
      assertThat(process.waitFor()).isZero();
      assertThat(rest(pipe)).isEqualTo("one\ntwo\n");
      assertThat(place).doesNotExist();
    }
  }

  @Test
  void isReadNoLongerOnceItIsClosedThoughTheOtherEndIsOpen() throws Exception {
    NamedPipe pipe = NamedPipe.make(place);
    Process process = start(pipe, "echo up; exec sleep 1000");
    try {
      CompletableFuture<String> end = new CompletableFuture<>();
      CompletableFuture<String> first = new CompletableFuture<>();
      Thread.ofPlatform().daemon().start(() -> readOn(pipe, first, end));
      assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo("up\n");
      pipe.close();
      assertThat(end.get(30, TimeUnit.SECONDS)).isEqualTo("closed");
    } finally {
      pipe.close();
      process.destroyForcibly().waitFor();
    }
  }

  private static void readOn(
      NamedPipe pipe, CompletableFuture<String> first, CompletableFuture<String> end) {
    ByteBuffer buffer = ByteBuffer.allocate(100);
    try {
      while (pipe.read(buffer.clear()) >= 0) {
        first.complete(new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8));
      }
      end.complete("ended");
    } catch (ClosedChannelException e) {
      end.complete("closed");
    } catch (IOException e) {
      end.completeExceptionally(e);
    }
  }

  @Test
  void leavesNothingWhereNoChildCouldBeStarted() throws Exception {
    NamedPipe.make(place).close();
    assertThat(place).doesNotExist();
  }
}
