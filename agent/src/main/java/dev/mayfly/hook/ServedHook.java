package dev.mayfly.hook;

import dev.mayfly.flow.FrameChannel;
import dev.mayfly.job.Printable;
import dev.mayfly.policy.Durations;
import dev.mayfly.sandbox.InitFrame;
import dev.mayfly.supervisor.JobControl;
import dev.mayfly.supervisor.JobStreams;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** One call of a hook, from its first frame to its last. */
final class ServedHook implements AutoCloseable {
  /** What a process gets whose terminal went away. */
  private static final int SIGHUP = 1;

  private final FrameChannel channel;
  private final CallMemory memory;
  private final AtomicLong held = new AtomicLong();
  private final JobControl control = new JobControl(InitFrame.Scope.SANDBOX);
  private volatile boolean handled;
  private volatile boolean late;
  private boolean graceBegan;
  private final CompletableFuture<Void> over = new CompletableFuture<>();

  /**
   * @param memory gives room for the call, until {@link #release}
   */
  ServedHook(SocketChannel client, CallMemory memory) {
    this.channel = new FrameChannel(client, "hook's connection");
    this.memory = memory;
  }

  /**
   * Serves the call.
   *
   * @param limit how long it may take until the call is whole
   * @param grace how long what a signal was for may go on before it is ended
   */
  void serve(String mayflyVersion, Duration limit, HookHandler handler, Duration grace)
      throws IOException {
    HookCall whole = awaitCall(mayflyVersion, limit);
    Thread.ofVirtual()
        .name("hook " + Printable.escaped(whole.name()))
        .start(() -> run(whole, handler));
    try {
      while (true) {
        if (!(receive() instanceof HookFrame.Signal signal)) {
          throw new HookProtocolException("more after the call");
        }
        signalled(signal.number(), grace);
      }
    } finally {
      hungUp();
      over.join();
    }
  }

  private HookCall awaitCall(String mayflyVersion, Duration limit) throws IOException {
    CompletableFuture<Void> whole = new CompletableFuture<>();
    var _ =
        whole
            .orTimeout(limit.toMillis(), TimeUnit.MILLISECONDS)
            .exceptionally(
                _ -> {
                  late = true;
                  hangUp();
                  return null;
                });
    try {
      channel.send(HookFrame.hello(mayflyVersion));
      HookCallReader reader = new HookCallReader();
      Optional<HookCall> call = reader.take(receive());
      while (call.isEmpty()) {
        call = reader.take(receive());
      }
      return call.get();
    } catch (ClosedChannelException e) {
      throw late
          ? new IOException(
              "no whole call came within " + Durations.show(limit) + ", and so it was hung up", e)
          : e;
    } finally {
      whole.complete(null);
    }
  }

  private void hangUp() {
    try {
      channel.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends a call whose hook is gone before it was over. */
  private void hungUp() {
    if (!handled) {
      control.cancel(SIGHUP);
    }
  }

  private HookFrame receive() throws IOException {
    ByteBuffer header = channel.receive(FrameChannel.HEADER);
    int length = HookFrame.payloadLength(header);
    memory.take(length);
    held.addAndGet(length);
    return HookFrame.decode(header, channel.receive(length).array());
  }

  /** Passes it on, and ends who does not end for the first one. */
  private void signalled(int number, Duration grace) {
    control.signal(number);
    if (graceBegan) {
      return;
    }
    graceBegan = true;
    Executor later = CompletableFuture.delayedExecutor(grace.toMillis(), TimeUnit.MILLISECONDS);
    var _ = CompletableFuture.runAsync(() -> control.cancel(number), later);
  }

  private void run(HookCall call, HookHandler handler) {
    HookExit exit = new HookExit.SystemFailed();
    try {
      exit = handler.handle(call, streams(call), control);
    } catch (RuntimeException e) {
      say("Mayfly met what it did not expect (" + e + "); this is a bug, please report it");
    } finally {
      end(exit);
    }
  }

  private JobStreams streams(HookCall call) {
    return new JobStreams(
        new ByteArrayInputStream(call.script()),
        new Output(HookFrame.Stream.STDOUT),
        new Output(HookFrame.Stream.STDERR),
        this::say);
  }

  private void say(String line) {
    byte[] bytes = ("mayfly: " + Printable.escaped(line) + "\n").getBytes(StandardCharsets.UTF_8);
    try {
      channel.send(HookFrame.output(HookFrame.Stream.STDERR, bytes, 0, bytes.length));
    } catch (IOException e) {
      return; // The hook is gone, and the call ends for that; the report has the line, too.
    }
  }

  private void end(HookExit exit) {
    handled = true;
    try {
      channel.send(HookFrame.exit(exit));
    } catch (IOException e) {
      return; // The hook is gone, and its runner knows that it failed.
    } finally {
      over.complete(null);
    }
  }

  private final class Output extends OutputStream {
    private final HookFrame.Stream stream;

    Output(HookFrame.Stream stream) {
      this.stream = stream;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      for (int at = offset; at < offset + length; at += HookFrame.MAX_BYTES) {
        int count = Math.min(offset + length - at, HookFrame.MAX_BYTES);
        channel.send(HookFrame.output(stream, bytes, at, count));
      }
    }
  }

  /** Ends the call. {@link EOFException} or the like is what its thread sees. */
  @Override
  public void close() throws IOException {
    hungUp();
    channel.close();
  }

  /** Gives back the room of a call that is not served any more. */
  void release() {
    memory.give(held.getAndSet(0));
  }
}
