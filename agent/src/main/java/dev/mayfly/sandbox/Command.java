package dev.mayfly.sandbox;

import dev.mayfly.flow.Credit;
import dev.mayfly.flow.CreditException;
import dev.mayfly.flow.InputPump;
import dev.mayfly.flow.OutputPump;
import dev.mayfly.sandbox.InitFrame.Stream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** One command in a sandbox. Safe for use by several threads. */
public final class Command implements InputPump.Target {

  /** How a command came to its end. */
  public sealed interface End {
    /** It was executed and ended. */
    record Exited(InitFrame.Exited frame) implements End {}

    /** It could not be executed. */
    record NotStarted(InitFrame.Step step, int errno) implements End {}

    /** PID 1 ended the sandbox at its lifetime. */
    record LifetimeReached() implements End {}

    /** The sandbox went away under it. */
    record SandboxLost(String reason) implements End {}
  }

  /** Where its output goes. For a terminal or merged output only {@code stdout} is used. */
  public record Sinks(OutputStream stdout, OutputStream stderr) {}

  private final int id;
  private final InitChannel channel;
  private final Credit inputCredit = new Credit(Credit.INITIAL);
  private final Map<Stream, OutputPump> outputs;
  private final CompletableFuture<Integer> started = new CompletableFuture<>();
  private final CompletableFuture<End> end = new CompletableFuture<>();

  Command(int id, InitChannel channel, CommandSpec spec, Sinks sinks) {
    this.id = id;
    this.channel = channel;
    OutputPump stdout = pump(Stream.STDOUT, sinks.stdout());
    this.outputs =
        spec.mode() == InitFrame.Mode.PIPES
            ? Map.of(Stream.STDOUT, stdout, Stream.STDERR, pump(Stream.STDERR, sinks.stderr()))
            : Map.of(Stream.STDOUT, stdout);
  }

  private OutputPump pump(Stream stream, OutputStream target) {
    OutputPump pump =
        new OutputPump(
            "command-" + id + "-" + stream,
            target,
            bytes -> channel.tell(InitFrame.outputCredit(id, stream, bytes)));
    var _ = pump.readerGone().thenRun(() -> channel.tell(InitFrame.outputUnread(id, stream)));
    return pump;
  }

  /**
   * Passes input on, waiting while the command takes none. Input for a command that has ended is
   * dropped.
   *
   * @throws IOException where the sandbox is gone
   */
  @Override
  public void stdin(byte[] bytes, int offset, int length) throws IOException {
    int at = offset;
    while (at < offset + length) {
      int count = inputCredit.take(Math.min(offset + length - at, InitFrame.MAX_PAYLOAD));
      if (count == 0) {
        return;
      }
      channel.send(InitFrame.stdin(id, Arrays.copyOfRange(bytes, at, at + count)));
      at += count;
    }
  }

  /** Ends the command's standard input. */
  @Override
  public void closeStdin() throws IOException {
    channel.send(InitFrame.stdin(id, new byte[0]));
  }

  /**
   * Sends a signal, as long as the command or its output lasts.
   *
   * @param number as signal(7) numbers it
   */
  public void signal(InitFrame.Scope scope, int number) throws IOException {
    channel.send(InitFrame.signal(id, scope, number));
  }

  public void resize(int rows, int columns) throws IOException {
    channel.send(InitFrame.resize(id, rows, columns));
  }

  /** Waits for the command's own process. Its output may still be on its way. */
  public End awaitEnd() throws InterruptedException {
    try {
      return end.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Completes when the command was executed, or will never be. */
  public CompletableFuture<Integer> started() {
    return started;
  }

  public CompletableFuture<End> end() {
    return end;
  }

  /**
   * Completes when all output is passed on, which is when no process holds the streams any more;
   * exceptionally where a reader did not take all of it.
   */
  public CompletableFuture<Void> output() {
    return CompletableFuture.allOf(
        outputs.values().stream().map(OutputPump::end).toArray(CompletableFuture[]::new));
  }

  void accept(InitFrame.Output frame) throws InitProtocolException {
    OutputPump output = outputs.get(frame.stream());
    if (output == null) {
      throw new InitProtocolException("output on a stream that the command does not have");
    }
    if (output.finished()) {
      throw new InitProtocolException("output after the end of its stream");
    }
    if (frame.bytes().length == 0) {
      output.finish();
    } else {
      try {
        output.offer(frame.bytes());
      } catch (CreditException e) {
        throw new InitProtocolException(String.valueOf(e.getMessage()));
      }
    }
  }

  /** Whether PID 1 has said all it will say of this command. */
  boolean over() {
    return end.isDone() && outputs.values().stream().allMatch(OutputPump::finished);
  }

  void startedAs(int pid) {
    started.complete(pid);
  }

  void grantInput(int bytes) throws InitProtocolException {
    try {
      inputCredit.add(bytes);
    } catch (CreditException e) {
      throw new InitProtocolException(String.valueOf(e.getMessage()));
    }
  }

  void ended(End how) {
    started.complete(0);
    inputCredit.close();
    end.complete(how);
    if (!(how instanceof End.Exited)) {
      outputs.values().forEach(OutputPump::finish);
    }
  }
}
