package dev.mayfly.supervisor;

import dev.mayfly.flow.InputPump;
import dev.mayfly.flow.OutputPump;
import dev.mayfly.job.Finding;
import dev.mayfly.job.Outcome;
import dev.mayfly.job.Printable;
import dev.mayfly.job.Timeline;
import dev.mayfly.linux.Errno;
import dev.mayfly.policy.Limits;
import dev.mayfly.sandbox.Command;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxPlan;
import dev.mayfly.sandbox.SpawnTooLargeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The job's command in its sandbox, from the copying in of the workspace to the last byte of
 * output.
 */
final class CommandRun {
  private static final Duration KILL_LIMIT = Duration.ofSeconds(5);

  /** How much later than PID 1 the supervisor ends a sandbox at its lifetime, should PID 1 not. */
  static final Duration LIFETIME_GRACE = Duration.ofSeconds(2);

  private final Sandbox sandbox;
  private final CommandRequest request;
  private final Timeline timeline;

  CommandRun(Sandbox sandbox, CommandRequest request, Timeline timeline) {
    this.sandbox = sandbox;
    this.request = request;
    this.timeline = timeline;
  }

  Outcome run(JobStreams streams, JobControl control) {
    Optional<Outcome> refused = fillWorkspace(streams, control);
    Optional<Outcome> ended =
        control.cancelledAlready().<Outcome>map(Outcome.Cancelled::new).or(() -> refused);
    if (ended.isPresent()) {
      return ended.get();
    }
    try {
      return command(streams, control);
    } catch (SpawnTooLargeException e) {
      return new Outcome.Refused(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      return new Outcome.Refused("the command could not be started: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome.Failed("Mayfly was stopped while the command ran; start the job again");
    }
  }

  /** Why the workspace could not be filled. */
  private Optional<Outcome> fillWorkspace(JobStreams streams, JobControl control) {
    if (request.workspace().isEmpty()) {
      return Optional.empty();
    }
    try (Timeline.Open _ = timeline.span("workspace");
        Cancellable _ = Cancellable.by(control)) {
      WorkspaceCopy.in(request.workspace().get(), sandbox, streams.messages());
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(
          new Outcome.Refused("the workspace could not be copied in: " + e.getMessage()));
    }
  }

  private Outcome command(JobStreams streams, JobControl control)
      throws IOException, SpawnTooLargeException, InterruptedException {
    try (Timeline.Open _ = timeline.span("command")) {
      Command command =
          sandbox
              .channel()
              .spawn(
                  CommandSpecs.of(sandbox, request, SandboxPlan.WORKSPACE),
                  new Command.Sinks(streams.stdout(), streams.stderr()));
      control.steer(command);
      InputPump.start(streams.stdin(), command);
      Outcome outcome = outcome(command, control, streams);
      if (outcome instanceof Outcome.Exited) {
        drain(command, streams, control);
      }
      return outcome;
    }
  }

  private Outcome outcome(Command command, JobControl control, JobStreams streams)
      throws InterruptedException {
    Limits limits = sandbox.plan().policy().limits();
    try {
      Object first =
          CompletableFuture.anyOf(command.end(), control.cancelled(), control.stopped())
              .get(limits.lifetime().plus(LIFETIME_GRACE).toMillis(), TimeUnit.MILLISECONDS);
      return switch (first) {
        case Integer signal -> new Outcome.Cancelled(signal);
        case Finding finding -> new Outcome.Stopped(finding);
        default -> told((Command.End) first, streams);
      };
    } catch (TimeoutException e) {
      return new Outcome.TimedOut();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private Outcome told(Command.End end, JobStreams streams) {
    return switch (end) {
      case Command.End.Exited exited -> new Outcome.Exited(exited.frame().shellCode());
      case Command.End.LifetimeReached _ -> new Outcome.TimedOut();
      case Command.End.SandboxLost lost ->
          new Outcome.Failed(lost.reason() + "; see the engine's log, and start the job again");
      case Command.End.NotStarted failure -> notStarted(failure, streams);
    };
  }

  private Outcome notStarted(Command.End.NotStarted failure, JobStreams streams) {
    String program =
        Printable.escaped(new String(request.arguments().getFirst(), StandardCharsets.UTF_8));
    String reason = Errno.describe(failure.errno());
    return switch (failure.step()) {
      case EXEC -> {
        boolean missing = failure.errno() == Errno.ENOENT;
        streams
            .messages()
            .accept(
                missing
                    ? program
                        + ": not found in the sandbox; is it installed in image "
                        + sandbox.plan().policy().image()
                        + ", and in PATH?"
                    : program + ": can't be executed in the sandbox: " + reason);
        yield new Outcome.Exited(missing ? 127 : 126);
      }
      case DIRECTORY ->
          new Outcome.Refused(
              "the working directory can't be entered by the job's user: " + reason);
      case IDENTITY -> new Outcome.Refused("PID 1 could not become the job's user: " + reason);
      case RESOURCES ->
          new Outcome.Refused("the sandbox's limits are too tight to start a command: " + reason);
    };
  }

  /**
   * Ends what the command left running, so that its output ends, and waits until the rest of it is
   * read or nobody waits for it any more.
   */
  private void drain(Command command, JobStreams streams, JobControl control)
      throws InterruptedException {
    try {
      sandbox.channel().killAll(KILL_LIMIT);
    } catch (IOException e) {
      streams.messages().accept("processes outlive the command: " + e.getMessage());
      return;
    }
    try {
      CompletableFuture.anyOf(command.output(), control.cancelled(), control.stopped())
          .get(sandbox.plan().policy().limits().lifetime().toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      OutputPump.complaint(e.getCause())
          .ifPresent(reason -> streams.messages().accept("output was lost: " + reason));
    } catch (TimeoutException e) {
      streams.messages().accept("output was lost: nobody took it within the sandbox's lifetime");
    }
  }
}
