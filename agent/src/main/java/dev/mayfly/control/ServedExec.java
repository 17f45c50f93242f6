package dev.mayfly.control;

import dev.mayfly.supervisor.JobControl;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.supervisor.JobStreams;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/** One connection to the supervisor's socket, from its first frame to its last. */
final class ServedExec {
  /** What a process gets whose terminal went away. */
  private static final int SIGHUP = 1;

  private final ControlConnection connection;
  private final ExecHandler handler;
  private final JobControl control = new JobControl();
  private final SentOutput stdout;
  private final SentOutput stderr;
  private final ReceivedInput stdin;
  private final AtomicReference<State> state = new AtomicReference<>(State.UNASKED);
  private final CompletableFuture<Void> over = new CompletableFuture<>();

  private enum State {
    UNASKED,
    RUNNING,
    REFUSED
  }

  ServedExec(ControlConnection connection, ExecHandler handler) {
    this.connection = connection;
    this.handler = handler;
    this.stdout = new SentOutput(connection, ControlFrame.STDOUT);
    this.stderr = new SentOutput(connection, ControlFrame.STDERR);
    this.stdin = new ReceivedInput(count -> connection.send(new ControlFrame.InputCredit(count)));
  }

  /** Returns when the client is gone and the job is over. */
  void serve(String mayflyVersion) throws IOException {
    connection.send(new ControlFrame.Hello(ControlFrame.VERSION, mayflyVersion));
    if (!(connection.receive() instanceof ControlFrame.Exec exec)) {
      throw new ControlProtocolException("a first frame that asks for nothing");
    }
    ExecRequest request = ExecRequest.parse(exec.json());
    if (!state.compareAndSet(State.UNASKED, State.RUNNING)) {
      return;
    }
    Thread.ofVirtual().name("exec " + request.job()).start(() -> run(request));
    try {
      receive();
    } finally {
      stdout.readerGone();
      stderr.readerGone();
      stdin.close();
      control.cancel(SIGHUP);
      over.join();
    }
  }

  /**
   * Ends the job and tells its client how it ended; a client that takes nothing within the limit is
   * hung up on, and so is at once one that has asked for nothing yet.
   */
  void end(int signal, Duration limit) throws IOException, InterruptedException {
    if (state.compareAndSet(State.UNASKED, State.REFUSED) || state.get() == State.REFUSED) {
      connection.close(); // There is no job to wait for, also where this is asked for twice.
      return;
    }
    control.cancel(signal);
    try {
      over.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    } catch (TimeoutException e) {
      connection.close();
      over.join();
    }
    connection.close();
  }

  private void run(ExecRequest request) {
    int exitCode = JobResult.REFUSED;
    try {
      exitCode = handler.run(request, new JobStreams(stdin, stdout, stderr, this::tell), control);
    } catch (RuntimeException e) {
      tell("Mayfly met what it did not expect (" + e + "); this is a bug, please report it");
    } finally {
      stdin.close();
      finish(exitCode);
    }
  }

  private void finish(int exitCode) {
    try {
      connection.send(new ControlFrame.Done(exitCode));
    } catch (IOException e) {
      return; // The client went away, and its job was ended for that.
    } finally {
      over.complete(null);
    }
  }

  private void tell(String line) {
    try {
      connection.send(new ControlFrame.Message(line));
    } catch (IOException e) {
      return; // Nobody is there to read it; the report says it, too.
    }
  }

  /** Until the client closes its end, which it does when it has what it needs. */
  private void receive() throws IOException {
    while (true) {
      switch (connection.receive()) {
        case ControlFrame.Stdin input -> stdin.offer(input.bytes());
        case ControlFrame.OutputCredit credit -> output(credit.stream()).grant(credit.bytes());
        case ControlFrame.ReaderGone gone -> output(gone.stream()).readerGone();
        case ControlFrame.Signal signal -> control.signal(signal.number());
        case ControlFrame.Resize size -> control.resize(size.rows(), size.columns());
        case ControlFrame other ->
            throw new ControlProtocolException(
                "from a client, " + other.getClass().getSimpleName());
      }
    }
  }

  private SentOutput output(int stream) {
    return stream == ControlFrame.STDOUT ? stdout : stderr;
  }
}
