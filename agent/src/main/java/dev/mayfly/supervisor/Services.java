package dev.mayfly.supervisor;

import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.job.Printable;
import dev.mayfly.job.Timeline;
import dev.mayfly.linux.Errno;
import dev.mayfly.sandbox.Command;
import dev.mayfly.sandbox.LaunchException;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxId;
import dev.mayfly.sandbox.SpawnTooLargeException;
import dev.mayfly.sandbox.Teardown;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The services of one job. Each is a sandbox of its own on the job's network. */
final class Services {
  /** As long as GitLab's own executors wait, {@code wait_for_services_timeout}. */
  private static final Duration READY_LIMIT = Duration.ofSeconds(30);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);
  private static final int KEPT_OUTPUT = 4096;
  private static final int TOLD_OUTPUT = 300;

  private final Making making;
  private final Timeline timeline;
  private final Consumer<String> log;
  private final List<Sandbox> made = new ArrayList<>();

  /** Makes sandboxes. */
  interface Making {
    /**
     * The image of a service.
     *
     * @throws ServiceException where the policy lets it have none of that name, before anybody is
     *     asked for it
     */
    ImageFacts find(ServiceRequest service) throws ServiceException, EngineException;

    /**
     * Makes a sandbox on the job's network.
     *
     * @throws ServiceException where the service gets none
     */
    Sandbox make(ServiceRequest service, ImageFacts image) throws ServiceException, LaunchException;

    /** Keeps nothing of it any longer. */
    void forget(SandboxId id);
  }

  private record Running(ServiceRequest request, Command command, Tail said) {}

  /** A service that a job can't have; the message is one line with cause and remedy. */
  static final class ServiceException extends Exception {
    private static final long serialVersionUID = 1L;

    ServiceException(String message) {
      super(message);
    }
  }

  /**
   * @param log takes lines for the job's log
   */
  Services(Making making, Timeline timeline, Consumer<String> log) {
    this.making = making;
    this.timeline = timeline;
    this.log = log;
  }

  /**
   * Starts services, one after another, and waits until they listen.
   *
   * @param job whose network they are on
   */
  void start(List<ServiceRequest> requests, Sandbox job)
      throws ServiceException, EngineException, LaunchException, InterruptedException {
    Map<Integer, ServiceRequest> ports = new HashMap<>();
    for (ServiceRequest request : requests) {
      try (Timeline.Open _ = timeline.span("service " + request.name())) {
        ImageFacts image = making.find(request);
        for (int port : image.start().ports()) {
          refuseClash(ports.putIfAbsent(port, request), request, port);
        }
        start(request, image, job);
      }
    }
  }

  private static void refuseClash(@Nullable ServiceRequest other, ServiceRequest request, int port)
      throws ServiceException {
    if (other != null) {
      throw new ServiceException(
          "services "
              + other.name()
              + " and "
              + request.name()
              + " both listen on port "
              + port
              + ", and share the job's network: have one of them listen elsewhere");
    }
  }

  private void start(ServiceRequest request, ImageFacts image, Sandbox job)
      throws ServiceException, LaunchException, InterruptedException {
    List<byte[]> arguments = arguments(request, image);
    Sandbox sandbox = making.make(request, image);
    made.add(sandbox);
    try {
      Tail said = new Tail();
      Command command =
          sandbox
              .channel()
              .spawn(
                  CommandSpecs.of(
                      sandbox, new CommandRequest(arguments, request.environment()), "/"),
                  new Command.Sinks(said, said));
      Running one = new Running(request, command, said);
      command.closeStdin();
      if (!image.start().ports().isEmpty()) {
        await(one, image.start().ports().getFirst(), job);
      }
      ended(one).ifPresent(why -> log.accept("service " + request.name() + " " + why));
    } catch (IOException | SpawnTooLargeException e) {
      throw new ServiceException("service " + request.name() + ": " + e.getMessage());
    }
  }

  private static List<byte[]> arguments(ServiceRequest request, ImageFacts image)
      throws ServiceException {
    List<String> arguments =
        new ArrayList<>(request.entrypoint().orElse(image.start().entrypoint()));
    boolean own = request.entrypoint().isPresent();
    arguments.addAll(request.command().orElse(own ? List.of() : image.start().command()));
    arguments.removeIf(String::isEmpty);
    if (arguments.isEmpty()) {
      throw new ServiceException(
          "service " + request.name() + " has no command: its image names none, so say one");
    }
    return arguments.stream().map(text -> text.getBytes(StandardCharsets.UTF_8)).toList();
  }

  /** A service that does not listen in time is told of, and the job runs: so it does in GitLab. */
  private void await(Running one, int port, Sandbox job) throws IOException, InterruptedException {
    long end = System.nanoTime() + READY_LIMIT.toNanos();
    while (System.nanoTime() < end) {
      if (job.listening().contains(port) || !runs(one, LOOK_AGAIN)) {
        return;
      }
    }
    log.accept(
        "service "
            + one.request.name()
            + " does not listen on port "
            + port
            + " after "
            + READY_LIMIT.toSeconds()
            + " s; the job runs all the same"
            + one.said.words());
  }

  /** Whether its program runs still, at the end of that time. */
  private static boolean runs(Running one, Duration time) throws InterruptedException {
    try {
      one.command.end().copy().get(time.toMillis(), TimeUnit.MILLISECONDS);
      return false;
    } catch (TimeoutException e) {
      return true;
    } catch (ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Optional<String> ended(Running one) {
    return Optional.ofNullable(one.command.end().getNow(null))
        .map(
            end ->
                switch (end) {
                  case Command.End.Exited exited ->
                      "ended with " + exited.frame().shellCode() + one.said.words();
                  case Command.End.NotStarted failure ->
                      "could not be started: " + Errno.describe(failure.errno());
                  case Command.End.LifetimeReached _ -> "reached the lifetime of the job's policy";
                  case Command.End.SandboxLost lost -> "was lost: " + lost.reason();
                });
  }

  /** Destroys all of them. */
  Teardown destroy() {
    for (Sandbox one : made.reversed()) {
      try {
        one.stop(Sandbox.Files.DISCARDED);
      } catch (EngineException | IOException | RuntimeException e) {
        log.accept("service in sandbox " + one.plan().id() + ": " + e.getMessage());
      }
    }
    List<String> left = new ArrayList<>();
    for (Sandbox one : made.reversed()) {
      left.addAll(one.destroy().leftovers());
      making.forget(one.plan().id());
    }
    return new Teardown(left);
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
