package dev.mayfly.sandbox;

import dev.mayfly.engine.ContainerFacts;
import dev.mayfly.engine.ContainerId;
import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import dev.mayfly.job.Timeline;
import dev.mayfly.linux.Processes;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Executes a {@link SandboxPlan}: when it returns, the sandbox runs nothing but its PID 1, every
 * guard is in force and read back, and the first command may be executed.
 */
public final class SandboxLauncher {
  private static final Duration HELLO_LIMIT = Duration.ofSeconds(30);
  private static final Executor OWN_THREAD = task -> Thread.ofVirtual().name("disk").start(task);

  private final Engine engine;
  private final SandboxDestroyer destroyer;
  private final List<Guard> guards;
  private final ImageUsers users;

  public SandboxLauncher(Engine engine, SandboxDestroyer destroyer, List<Guard> guards) {
    this.engine = engine;
    this.destroyer = destroyer;
    this.guards = List.copyOf(guards);
    this.users = new ImageUsers(engine);
  }

  /**
   * Makes the sandbox.
   *
   * @throws LaunchException where a step failed or the thread was interrupted, which it still is
   *     then; what was made is destroyed again as far as the exception tells
   */
  public Sandbox launch(SandboxPlan plan, Timeline timeline) throws LaunchException {
    Making making = new Making();
    try {
      return launch(plan, timeline, making);
    } catch (InterruptedException e) {
      LaunchException failure =
          undone(
              "Mayfly was stopped while it made the sandbox; start the job again", plan, making, e);
      Thread.currentThread().interrupt();
      throw failure;
    } catch (EngineException | IOException | GuardException | RuntimeException e) {
      throw undone(String.valueOf(e.getMessage()), plan, making, e);
    }
  }

  /** What has to be let go of where a launch fails. */
  private static final class Making {
    private final List<Guard.Armed> armed = new ArrayList<>();
    private @Nullable InitChannel channel;
  }

  private LaunchException undone(String message, SandboxPlan plan, Making making, Exception cause) {
    Teardown teardown = undo(plan, making);
    String told =
        teardown.verified() ? message : message + "; and left behind: " + teardown.leftovers();
    return new LaunchException(told, teardown, () -> undo(plan, making), cause);
  }

  private Teardown undo(SandboxPlan plan, Making making) {
    InitChannel channel = making.channel;
    if (channel != null) {
      channel.close();
    }
    making.armed.forEach(Guard.Armed::release);
    return disarmed(making.armed, destroyer.destroy(plan.id(), List.of()));
  }

  private Sandbox launch(SandboxPlan plan, Timeline timeline, Making making)
      throws EngineException, IOException, GuardException, InterruptedException {
    ContainerId container;
    SandboxDisk disk;
    ImageUsers.Files files;
    try (Timeline.Open _ = timeline.span("create")) {
      SandboxDisk.prepare(plan.home());
      CompletableFuture<SandboxDisk> diskMade =
          CompletableFuture.supplyAsync(() -> makeDisk(plan), OWN_THREAD);
      try {
        container = engine.create(plan.container());
        files = users.of(plan.image().id(), container);
      } finally {
        diskMade.handle((made, failure) -> made).join();
      }
      disk = finished(diskMade);
      disk.place(engine.inspect(container), plan.resolver(), plan.aliases());
    }
    JobUser user =
        files
            .users()
            .resolve(plan.identity(), plan.image().user())
            .orElseThrow(
                () ->
                    new IOException(
                        "the image's user \""
                            + plan.image().user()
                            + "\" is not in its /etc/passwd; set identity: user or root, or mend the image"));
    disk.welcome(user, files.users().knows(user.uid()), files.passwd(), files.group());

    InitChannel channel;
    ProcessHandle init;
    try (Timeline.Open _ = timeline.span("start")) {
      channel = InitChannel.attach(engine, container);
      making.channel = channel;
      engine.start(container);
      channel.awaitHello(HELLO_LIMIT);
      disk.handOver(user);
      ContainerFacts running = engine.inspect(container);
      init =
          running
              .pid()
              .flatMap(ProcessHandle::of)
              .orElseThrow(() -> new IOException("the sandbox ended as soon as it was started"));
    }
    long pid = init.pid();
    for (Guard guard : guards) {
      try (Timeline.Open _ = timeline.span("arm." + guard.name())) {
        making.armed.add(guard.arm(new Guard.Target(plan, pid, disk.places())));
      }
    }
    return new Sandbox(
        plan,
        new Sandbox.Parts(container, disk, channel, init, user, List.copyOf(making.armed)),
        Processes.hold(pid, "pid"),
        engine,
        destroyer);
  }

  private static SandboxDisk makeDisk(SandboxPlan plan) {
    try {
      return SandboxDisk.make(plan.home(), plan.id(), plan.policy().limits());
    } catch (IOException e) {
      throw new CompletionException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CompletionException(e);
    }
  }

  private static SandboxDisk finished(CompletableFuture<SandboxDisk> making) throws IOException {
    try {
      return making.join();
    } catch (CompletionException e) {
      Throwable cause = Objects.requireNonNull(e.getCause());
      throw new IOException(
          "the sandbox's disk could not be made: "
              + cause.getMessage()
              + "; make room in state-dir, or see with mayfly check what the host lacks",
          cause);
    }
  }

  /**
   * Takes guards away from a sandbox that is gone; what is still there stays guarded.
   *
   * @return what is left, with the guards that could not be taken away
   */
  static Teardown disarmed(List<Guard.Armed> armed, Teardown teardown) {
    return disarmed(armed, teardown, SandboxDestroyer.RETRY_LIMIT);
  }

  /**
   * Tries again for a while: what guards change in the kernel, others change at the same time.
   *
   * @param limit for all guards together
   */
  static Teardown disarmed(List<Guard.Armed> armed, Teardown teardown, Duration limit) {
    if (!teardown.verified()) {
      return teardown;
    }
    Instant end = Instant.now().plus(limit);
    List<String> leftovers = new ArrayList<>();
    armed.reversed().forEach(guard -> failure(guard, end).ifPresent(leftovers::add));
    return new Teardown(leftovers);
  }

  private static Optional<String> failure(Guard.Armed guard, Instant end) {
    while (true) {
      try {
        guard.disarm();
        return Optional.empty();
      } catch (IOException | RuntimeException e) {
        if (Instant.now().isAfter(end)) {
          return Optional.of(String.valueOf(e.getMessage()));
        }
      }
      SandboxDestroyer.pause(SandboxDestroyer.RETRY_PAUSE);
    }
  }
}
