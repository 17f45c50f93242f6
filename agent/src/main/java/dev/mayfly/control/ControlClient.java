package dev.mayfly.control;

import dev.mayfly.sandbox.Credit;
import dev.mayfly.sandbox.OutputPump;
import dev.mayfly.supervisor.JobStreams;
import dev.mayfly.supervisor.Steering;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.ExecutionException;

/** A connection to a running supervisor, for one command. */
public final class ControlClient implements Steering, AutoCloseable {
  private static final int INPUT_BUFFER = ControlFrame.MAX_BYTES;

  private final ControlConnection connection;
  private final Credit inputCredit = new Credit(ControlFrame.INITIAL_CREDIT);

  private ControlClient(ControlConnection connection) {
    this.connection = connection;
  }

  /**
   * Connects, if a supervisor listens there.
   *
   * @return empty where none does
   * @throws IOException where something else listens there
   */
  public static Optional<ControlClient> connect(Path socket) throws IOException {
    if (!Files.exists(socket)) {
      return Optional.empty();
    }
    SocketChannel channel;
    try {
      channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    } catch (ConnectException e) {
      return Optional.empty();
    } catch (SocketException e) {
      throw new IOException("the supervisor's socket " + socket + ": " + e.getMessage(), e);
    }
    return Optional.of(new ControlClient(new ControlConnection(channel)));
  }

  /**
   * Has the supervisor run a command, and waits for its end.
   *
   * @return what to exit with
   * @throws IOException where the supervisor went away, and the sandbox with it
   */
  public int exec(ExecRequest request, JobStreams streams)
      throws IOException, InterruptedException {
    try {
      if (!(connection.receive() instanceof ControlFrame.Hello hello)
          || hello.version() != ControlFrame.VERSION) {
        throw new ControlProtocolException("a supervisor of another version");
      }
      connection.send(new ControlFrame.Exec(request.toJson()));
      OutputPump stdout = pump(ControlFrame.STDOUT, streams.stdout());
      OutputPump stderr = pump(ControlFrame.STDERR, streams.stderr());
      feed(streams.stdin());
      while (true) {
        switch (connection.receive()) {
          case ControlFrame.Output output ->
              (output.stream() == ControlFrame.STDOUT ? stdout : stderr).offer(output.bytes());
          case ControlFrame.InputCredit credit -> inputCredit.add(credit.bytes());
          case ControlFrame.Message message -> streams.messages().accept(message.line());
          case ControlFrame.Done done -> {
            inputCredit.close();
            finish(stdout, streams);
            finish(stderr, streams);
            return done.exitCode();
          }
          case ControlFrame other ->
              throw new ControlProtocolException(
                  "from a supervisor, " + other.getClass().getSimpleName());
        }
      }
    } catch (ControlProtocolException e) {
      throw e;
    } catch (IOException e) {
      throw new IOException(
          "the supervisor ended while the job ran; the sandbox ends with it, and the next start"
              + " of Mayfly destroys what is left",
          e);
    }
  }

  private OutputPump pump(int stream, OutputStream target) {
    OutputPump pump =
        new OutputPump(
            "output-" + stream,
            target,
            bytes -> sendQuietly(new ControlFrame.OutputCredit(stream, bytes)));
    pump.whenReaderGone(() -> sendQuietly(new ControlFrame.ReaderGone(stream)));
    return pump;
  }

  private static void finish(OutputPump pump, JobStreams streams) throws InterruptedException {
    pump.finish();
    try {
      pump.end().get();
    } catch (ExecutionException e) {
      OutputPump.complaint(e.getCause())
          .ifPresent(reason -> streams.messages().accept("output was lost: " + reason));
    }
  }

  private void feed(InputStream stdin) {
    Thread.ofPlatform()
        .daemon()
        .name("stdin")
        .start(
            () -> {
              byte[] buffer = new byte[INPUT_BUFFER];
              try {
                for (int n = stdin.read(buffer); n >= 0; n = stdin.read(buffer)) {
                  if (!send(buffer, n)) {
                    return;
                  }
                }
                connection.send(new ControlFrame.Stdin(new byte[0]));
              } catch (IOException e) {
                return; // Nothing to read from, or nobody to send to: the job's end tells the rest.
              }
            });
  }

  /** Whether anybody still wants input. */
  private boolean send(byte[] buffer, int length) throws IOException {
    int at = 0;
    while (at < length) {
      int count = inputCredit.take(length - at);
      if (count == 0) {
        return false;
      }
      connection.send(new ControlFrame.Stdin(Arrays.copyOfRange(buffer, at, at + count)));
      at += count;
    }
    return true;
  }

  @Override
  public void signal(int number) {
    sendQuietly(new ControlFrame.Signal(number));
  }

  @Override
  public void resize(int rows, int columns) {
    sendQuietly(new ControlFrame.Resize(rows, columns));
  }

  /** A supervisor that is gone is noticed by who receives from it. */
  private void sendQuietly(ControlFrame frame) {
    try {
      connection.send(frame);
    } catch (IOException e) {
      inputCredit.close();
    }
  }

  @Override
  public void close() throws IOException {
    connection.close();
  }
}
