package dev.mayfly.sandbox;

import dev.mayfly.engine.ContainerFacts;
import dev.mayfly.engine.ContainerId;
import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import dev.mayfly.job.Timeline;
import dev.mayfly.linux.Processes;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

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
   * @throws LaunchException where a step failed; what was made is destroyed again then
   */
  public Sandbox launch(SandboxPlan plan, Timeline timeline)
      throws LaunchException, InterruptedException {
    List<Guard.Armed> armed = new ArrayList<>();
    try {
      return launch(plan, timeline, armed);
    } catch (EngineException | IOException | GuardException | InterruptedException e) {
      disarm(armed, e);
      Teardown teardown = destroyer.destroy(plan.id(), List.of());
      if (e instanceof InterruptedException interrupted) {
        throw interrupted;
      }
      String left = teardown.verified() ? "" : "; and left behind: " + teardown.leftovers();
      throw new LaunchException(e.getMessage() + left, e);
    }
  }

  private Sandbox launch(SandboxPlan plan, Timeline timeline, List<Guard.Armed> armed)
      throws EngineException, IOException, GuardException, InterruptedException {
    ContainerId container;
    SandboxDisk disk;
    ImageUsers.Files files;
    try (Timeline.Open _ = timeline.span("create")) {
      SandboxDisk.prepare(plan.home());
      CompletableFuture<SandboxDisk> making =
          CompletableFuture.supplyAsync(() -> makeDisk(plan), OWN_THREAD);
      try {
        container = engine.create(plan.container());
        files = users.of(plan.image().id(), container);
      } finally {
        making.handle((made, failure) -> made).join();
      }
      disk = finished(making);
      disk.place(engine.inspect(container));
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
        armed.add(guard.arm(new Guard.Target(plan, pid)));
      }
    }
    return new Sandbox(
        plan,
        new Sandbox.Parts(container, disk, channel, init, user, List.copyOf(armed)),
        List.of(Processes.namespace(pid, "pid"), Processes.namespace(pid, "mnt")),
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
              + "; mayfly check tells what the host lacks",
          cause);
    }
  }

  static void disarm(List<Guard.Armed> armed, Exception cause) {
    for (Guard.Armed guard : armed.reversed()) {
      try {
        guard.disarm();
      } catch (IOException e) {
        cause.addSuppressed(e);
      }
    }
  }
}
