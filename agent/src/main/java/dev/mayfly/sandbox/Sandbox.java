package dev.mayfly.sandbox;

import dev.mayfly.engine.ContainerId;
import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import dev.mayfly.linux.HeldNamespace;
import dev.mayfly.linux.Ownership;
import dev.mayfly.linux.ProcessEnd;
import dev.mayfly.linux.Processes;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/** One container with its workspace, network attachment and watch; used by one job, once. */
public final class Sandbox {
  private static final Duration EXIT_LIMIT = Duration.ofSeconds(4);

  private final SandboxPlan plan;
  private final Parts parts;
  private final HeldNamespace processes;
  private final Engine engine;
  private final SandboxDestroyer destroyer;

  /**
   * What a sandbox consists of.
   *
   * @param init its PID 1, with which the kernel ends all others
   */
  record Parts(
      ContainerId container,
      SandboxDisk disk,
      InitChannel channel,
      ProcessHandle init,
      JobUser user,
      List<Guard.Armed> armed) {}

  Sandbox(
      SandboxPlan plan,
      Parts parts,
      HeldNamespace processes,
      Engine engine,
      SandboxDestroyer destroyer) {
    this.plan = plan;
    this.parts = parts;
    this.processes = processes;
    this.engine = engine;
    this.destroyer = destroyer;
  }

  public SandboxPlan plan() {
    return plan;
  }

  /** Its network, for another sandbox to be in. */
  public SandboxPlan.Joined network() {
    return new SandboxPlan.Joined(parts.container(), parts.init().pid());
  }

  /** The ports of TCP that something in its network listens on. */
  public Set<Integer> listening() throws IOException {
    return Processes.listeningPorts(parts.init().pid());
  }

  /** Whom the job's commands run as. */
  public JobUser user() {
    return parts.user();
  }

  public InitChannel channel() {
    return parts.channel();
  }

  /** The workspace as the host sees it. Hostile as soon as a command ran. */
  public Path workspace() {
    return parts.disk().workspace();
  }

  /** The job's user as the host numbers it. */
  public Ownership owner() {
    return parts.disk().ownerOf(parts.user());
  }

  /** What is to become of a sandbox's files when its processes are ended. */
  public enum Files {
    KEPT,
    DISCARDED
  }

  /**
   * Ends every process of the sandbox. The signal is the supervisor's own: to have the engine send
   * it costs a process of the engine's.
   *
   * @param ended called when none runs any more, where that is known before the engine says so
   * @return whether the engine says that it has ended
   */
  public boolean stop(Files files, Runnable ended) throws EngineException, IOException {
    parts.channel().close();
    if (files == Files.DISCARDED) {
      destroyer.discardDisk(plan.id());
    }
    parts.init().destroyForcibly();
    if (ProcessEnd.await(parts.init(), EXIT_LIMIT)) {
      ended.run();
    }
    return engine.awaitExit(parts.container(), EXIT_LIMIT);
  }

  /**
   * Destroys everything of it and looks whether it is gone. Its name space is held until it is, so
   * that this can be tried again.
   */
  public Teardown destroy() {
    parts.channel().close();
    parts.armed().forEach(Guard.Armed::release);
    Teardown teardown =
        SandboxLauncher.disarmed(
            parts.armed(), destroyer.destroy(plan.id(), List.of(processes.namespace())));
    if (teardown.verified()) {
      processes.close();
    }
    return teardown;
  }
}
