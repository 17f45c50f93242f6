package dev.mayfly.sandbox;

import dev.mayfly.engine.Attachment;
import dev.mayfly.engine.ContainerId;
import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The supervisor's end of the init protocol. Safe for use by several threads. */
public final class InitChannel implements AutoCloseable {
  private static final int MAX_DIAGNOSTICS = 4096;

  private final AtomicInteger lastId = new AtomicInteger();
  private final Map<Integer, Command> commands = new ConcurrentHashMap<>();
  private final InitFrameDecoder decoder = new InitFrameDecoder();
  private final CompletableFuture<InitFrame.Hello> hello = new CompletableFuture<>();
  private final CompletableFuture<String> lost = new CompletableFuture<>();
  private final ByteArrayOutputStream diagnostics = new ByteArrayOutputStream();
  private final Queue<CompletableFuture<Void>> killing = new ConcurrentLinkedQueue<>();
  private final Queue<CompletableFuture<Void>> pinging = new ConcurrentLinkedQueue<>();
  private volatile boolean lifetimeReached;
  private volatile @Nullable Attachment attachment;

  private InitChannel() {}

  /** Connects to the PID 1 of a container that was created and not started. */
  static InitChannel attach(Engine engine, ContainerId container) throws EngineException {
    InitChannel channel = new InitChannel();
    channel.attachment = engine.attach(container, channel.new Receiver());
    return channel;
  }

  /**
   * Waits until PID 1 answers.
   *
   * @throws IOException where it does not, or speaks another version
   */
  InitFrame.Hello awaitHello(Duration limit) throws IOException, InterruptedException {
    InitFrame.Hello answer = await(hello, limit, "PID 1 did not start");
    if (answer.version() != InitFrame.VERSION) {
      throw new InitProtocolException("version " + answer.version() + ", not " + InitFrame.VERSION);
    }
    return answer;
  }

  /** Executes a command. What becomes of it is told by the {@link Command}. */
  public Command spawn(CommandSpec spec, Command.Sinks sinks)
      throws IOException, SpawnTooLargeException {
    int id = lastId.incrementAndGet();
    byte[] frame = InitFrame.spawn(id, spec);
    Command command = new Command(id, this, spec, sinks);
    commands.put(id, command);
    if (lost.isDone()) {
      command.ended(endOfChannel());
    } else {
      send(frame);
    }
    return command;
  }

  /** Kills every process of the sandbox but PID 1, and waits until none is left. */
  public void killAll(Duration limit) throws IOException, InterruptedException {
    ask(killing, InitFrame.killAll(), limit, "PID 1 did not end the sandbox's processes");
  }

  /** One round trip to PID 1. */
  public void ping(Duration limit) throws IOException, InterruptedException {
    ask(pinging, InitFrame.ping(new byte[0]), limit, "PID 1 did not answer");
  }

  private void ask(
      Queue<CompletableFuture<Void>> waiting, byte[] frame, Duration limit, String otherwise)
      throws IOException, InterruptedException {
    CompletableFuture<Void> answer = new CompletableFuture<>();
    waiting.add(answer);
    send(frame);
    await(answer, limit, otherwise);
  }

  /** Answers come in the order of what was asked, also to those who wait no longer. */
  private static void answer(Queue<CompletableFuture<Void>> waiting) {
    CompletableFuture<Void> first = waiting.poll();
    if (first != null) {
      first.complete(null);
    }
  }

  private <T extends @Nullable Object> T await(
      CompletableFuture<T> answer, Duration limit, String otherwise)
      throws IOException, InterruptedException {
    try {
      CompletableFuture.anyOf(answer, lost).get(limit.toMillis(), TimeUnit.MILLISECONDS);
      if (answer.isDone()) {
        return answer.get();
      }
      throw new IOException(otherwise + ": " + lost.get());
    } catch (TimeoutException e) {
      throw new IOException(otherwise + " within " + limit.toSeconds() + " s" + said(), e);
    } catch (ExecutionException e) {
      throw new IOException(otherwise, e);
    }
  }

  /** Sends what nobody waits for an answer to. */
  void tell(byte[] frame) {
    if (lost.isDone()) {
      return;
    }
    try {
      send(frame);
    } catch (IOException e) {
      lose(Objects.toString(e.getMessage()));
    }
  }

  void send(byte[] frame) throws IOException {
    Attachment open = attachment;
    if (open == null) {
      throw new IOException("the sandbox is not connected");
    }
    open.send(frame);
  }

  /** Ends the sandbox: PID 1 kills everything when nobody is connected any more. */
  @Override
  public void close() {
    Attachment open = attachment;
    if (open != null) {
      open.close();
    }
    lose("the sandbox was destroyed");
  }

  private String said() {
    synchronized (diagnostics) {
      String text = diagnostics.toString(StandardCharsets.UTF_8).strip();
      return text.isEmpty() ? "" : " (it said: " + text.replaceAll("\\p{Cntrl}+", " ") + ")";
    }
  }

  private void lose(String reason) {
    if (lost.complete(reason + said())) {
      commands.values().forEach(command -> command.ended(endOfChannel()));
      commands.clear();
    }
  }

  private Command.End endOfChannel() {
    return lifetimeReached
        ? new Command.End.LifetimeReached()
        : new Command.End.SandboxLost(lost.join());
  }

  private void accept(InitFrame frame) {
    switch (frame) {
      case InitFrame.Hello answer -> hello.complete(answer);
      case InitFrame.Started start -> withCommand(start.command(), c -> c.startedAs(start.pid()));
      case InitFrame.Output output -> withCommand(output.command(), c -> c.accept(output));
      case InitFrame.InputCredit credit ->
          withCommand(credit.command(), c -> c.grantInput(credit.bytes()));
      case InitFrame.Exited exit ->
          withCommand(exit.command(), c -> c.ended(new Command.End.Exited(exit)));
      case InitFrame.SpawnFailed failure ->
          withCommand(
              failure.command(),
              c -> c.ended(new Command.End.NotStarted(failure.step(), failure.errno())));
      case InitFrame.Pong _ -> answer(pinging);
      case InitFrame.LifetimeReached _ -> lifetimeReached = true;
      case InitFrame.Killed _ -> answer(killing);
    }
  }

  /** What a frame does to the command it names. */
  private interface Effect {
    void on(Command command) throws InitProtocolException;
  }

  private void withCommand(int id, Effect effect) {
    Command command = commands.get(id);
    if (command == null) {
      return;
    }
    try {
      effect.on(command);
      if (command.over()) {
        commands.remove(id);
      }
    } catch (InitProtocolException e) {
      lose(Objects.toString(e.getMessage()));
    }
  }

  private final class Receiver implements Attachment.Receiver {
    @Override
    public void stdout(byte[] bytes) {
      if (lost.isDone()) {
        return;
      }
      try {
        decoder.feed(bytes, InitChannel.this::accept);
      } catch (InitProtocolException e) {
        lose(Objects.toString(e.getMessage()));
      }
    }

    @Override
    public void stderr(byte[] bytes) {
      synchronized (diagnostics) {
        diagnostics.write(bytes, 0, Math.min(bytes.length, MAX_DIAGNOSTICS - diagnostics.size()));
      }
    }

    @Override
    public void ended(@Nullable Throwable failure) {
      lose(
          failure == null
              ? "PID 1 of the sandbox ended"
              : "the connection to the sandbox broke: " + failure.getMessage());
    }
  }
}
