package dev.mayfly.control;

import dev.mayfly.flow.Credit;
import dev.mayfly.flow.InputPump;
import dev.mayfly.flow.OutputPump;
import dev.mayfly.supervisor.JobStreams;
import dev.mayfly.supervisor.Steering;
import java.io.IOException;
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
  private final ControlConnection connection;
  private final Credit inputCredit = new Credit(Credit.INITIAL);

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
      InputPump.start(streams.stdin(), new Input());
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
    var _ = pump.readerGone().thenRun(() -> sendQuietly(new ControlFrame.ReaderGone(stream)));
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

  /** What the command reads. */
  private final class Input implements InputPump.Target {
    @Override
    public void stdin(byte[] bytes, int offset, int length) throws IOException {
      int at = offset;
      while (at < offset + length) {
        int count = inputCredit.take(offset + length - at);
        if (count == 0) {
          throw new IOException("the job is over");
        }
        connection.send(new ControlFrame.Stdin(Arrays.copyOfRange(bytes, at, at + count)));
        at += count;
      }
    }

    @Override
    public void closeStdin() throws IOException {
      connection.send(new ControlFrame.Stdin(new byte[0]));
    }
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
