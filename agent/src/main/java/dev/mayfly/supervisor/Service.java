package dev.mayfly.supervisor;

import dev.mayfly.engine.ImageFacts;
import dev.mayfly.job.Printable;
import dev.mayfly.linux.Errno;
import dev.mayfly.sandbox.Command;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SpawnTooLargeException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** One service of a job, from its request to its end. */
final class Service {
  private static final Duration OUTPUT_LIMIT = Duration.ofSeconds(2);
  private static final int KEPT_OUTPUT = 4096;
  private static final int TOLD_OUTPUT = 300;

  private final ServiceRequest request;
  private final ImageFacts image;
  private final Tail said = new Tail();
  private @Nullable Sandbox sandbox;
  private @Nullable Command command;
  private Optional<Boolean> ready = Optional.empty();

  Service(ServiceRequest request, ImageFacts image) {
    this.request = request;
    this.image = image;
  }

  String name() {
    return request.name();
  }

  ServiceRequest request() {
    return request;
  }

  ImageFacts image() {
    return image;
  }

  /** The ports of TCP of which one tells that it is ready. */
  List<Integer> ports() {
    return request.port().map(List::of).orElse(image.start().ports());
  }

  /** What is to be executed. */
  List<byte[]> arguments() throws Services.ServiceException {
    List<String> arguments =
        new ArrayList<>(request.entrypoint().orElse(image.start().entrypoint()));
    boolean own = request.entrypoint().isPresent();
    arguments.addAll(request.command().orElse(own ? List.of() : image.start().command()));
    arguments.removeIf(String::isEmpty);
    if (arguments.isEmpty()) {
      throw new Services.ServiceException(
          "service " + name() + " has no command: its image names none, so say one");
    }
    return arguments.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  /** Gives it its sandbox, before anything is started there. */
  void in(Sandbox made) {
    sandbox = made;
  }

  Optional<Sandbox> sandbox() {
    return Optional.ofNullable(sandbox);
  }

  /** Starts its program. */
  void start(Sandbox made, List<byte[]> arguments) throws IOException, SpawnTooLargeException {
    Command started =
        made.channel()
            .spawn(
                CommandSpecs.of(made, new CommandRequest(arguments, request.environment()), "/"),
                new Command.Sinks(said, said));
    command = started;
    started.closeStdin();
  }

  void ready(boolean itIs) {
    ready = Optional.of(itIs);
  }

  /** Whether its program runs still, at the end of that time. */
  boolean runs(Duration time) throws InterruptedException {
    Command its = command;
    if (its == null) {
      return false;
    }
    try {
      its.end().copy().get(time.toMillis(), TimeUnit.MILLISECONDS);
      return false;
    } catch (TimeoutException e) {
      return true;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private Command.@Nullable End end() {
    Command its = command;
    return its == null ? null : its.end().getNow(null);
  }

  /** How its program ended, where it did, for a person. */
  Optional<String> ended() throws InterruptedException {
    Command its = command;
    Command.End end = end();
    if (its == null || end == null) {
      return Optional.empty();
    }
    return Optional.of(
        switch (end) {
          case Command.End.Exited exited -> {
            awaitOutput(its);
            yield "ended with " + exited.frame().shellCode() + words();
          }
          case Command.End.NotStarted failure ->
              "could not be started: " + Errno.describe(failure.errno());
          case Command.End.LifetimeReached _ -> "reached the lifetime of the job's policy";
          case Command.End.SandboxLost lost -> "was lost: " + lost.reason();
        });
  }

  /** The last of it may come after the end; a process that was left behind may hold it for good. */
  private static void awaitOutput(Command ended) throws InterruptedException {
    try {
      ended.output().get(OUTPUT_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException e) {
      return; // What came until now is told.
    }
  }

  /** The last of what it printed, for the end of a message. */
  String words() {
    return said.words();
  }

  /** What became of it; to be asked before it is stopped. */
  ServiceResult result() {
    Command.End end = end();
    return new ServiceResult(
        name(),
        request.image(),
        Optional.of(image.id()),
        sandbox().map(its -> its.plan().id()),
        ready,
        how(end),
        end instanceof Command.End.Exited exited
            ? Optional.of(exited.frame().shellCode())
            : Optional.empty());
  }

  private ServiceResult.End how(Command.@Nullable End end) {
    return switch (end) {
      case null ->
          sandbox == null
              ? ServiceResult.End.REFUSED
              : command == null ? ServiceResult.End.NOT_STARTED : ServiceResult.End.WITH_JOB;
      case Command.End.Exited _ -> ServiceResult.End.EXITED;
      case Command.End.NotStarted _ -> ServiceResult.End.NOT_STARTED;
      case Command.End.LifetimeReached _ -> ServiceResult.End.TIMED_OUT;
      case Command.End.SandboxLost _ -> ServiceResult.End.LOST;
    };
  }

  /** The last of what a service printed. */
  private static final class Tail extends OutputStream {
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

    @Override
    public void write(int b) {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
      kept.write(bytes, offset, length);
      if (kept.size() > 2 * KEPT_OUTPUT) {
        byte[] all = kept.toByteArray();
        kept.reset();
        kept.write(all, all.length - KEPT_OUTPUT, KEPT_OUTPUT);
      }
    }

    /** For a message. */
    synchronized String words() {
      String text = kept.toString(StandardCharsets.UTF_8).strip();
      String last = text.substring(Math.max(0, text.length() - TOLD_OUTPUT));
      return text.isEmpty() ? "" : "; it said last: " + Printable.escaped(last.replace('\n', ' '));
    }
  }
}
