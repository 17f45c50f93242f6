package dev.mayfly.bench;

import dev.mayfly.engine.Engine;
import dev.mayfly.job.Timeline;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.sandbox.Command;
import dev.mayfly.sandbox.CommandSpec;
import dev.mayfly.sandbox.ConfinementGuard;
import dev.mayfly.sandbox.InitFrame;
import dev.mayfly.sandbox.JobUser;
import dev.mayfly.sandbox.LaunchException;
import dev.mayfly.sandbox.LoopbackGuard;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxDestroyer;
import dev.mayfly.sandbox.SandboxLauncher;
import dev.mayfly.sandbox.SandboxPlan;
import dev.mayfly.sandbox.SpawnTooLargeException;
import dev.mayfly.sandbox.Teardown;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One sandbox that runs, to execute one command after the other in. */
final class RunningSandbox implements Probe, AutoCloseable {
  private static final Duration OUTPUT_LIMIT = Duration.ofSeconds(60);

  private final Sandbox sandbox;

  private RunningSandbox(Sandbox sandbox) {
    this.sandbox = sandbox;
  }

  static RunningSandbox launch(Engine engine, SandboxPlan plan)
      throws IOException, LaunchException, InterruptedException {
    Cgroups cgroups = Cgroups.detect();
    Path sandboxes = Objects.requireNonNull(plan.home().getParent());
    SandboxLauncher launcher =
        new SandboxLauncher(
            engine,
            new SandboxDestroyer(engine, cgroups, sandboxes),
            List.of(new ConfinementGuard(cgroups), new LoopbackGuard()));
    return new RunningSandbox(launcher.launch(plan, new Timeline()));
  }

  @Override
  public Sample take() throws IOException, InterruptedException {
    Output output = new Output();
    Command command;
    try {
      command = sandbox.channel().spawn(spec(), new Command.Sinks(output, new Output()));
    } catch (SpawnTooLargeException e) {
      throw new IOException(e);
    }
    command.closeStdin();
    Command.End end = command.awaitEnd();
    if (!(end instanceof Command.End.Exited exited) || exited.frame().shellCode() != 0) {
      throw new IOException("the command in the sandbox ended with " + end);
    }
    try {
      command.output().get(OUTPUT_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      throw new IOException("the command's output did not end", e);
    }
    return output.sample(Output.EXPECTED);
  }

  private CommandSpec spec() {
    JobUser user = sandbox.user();
    return new CommandSpec(
        user.uid(),
        user.gid(),
        user.groups(),
        InitFrame.Mode.PIPES,
        0,
        0,
        SandboxPlan.WORKSPACE.getBytes(StandardCharsets.UTF_8),
        Arrays.stream(Output.COMMAND).map(s -> s.getBytes(StandardCharsets.UTF_8)).toList(),
        List.of());
  }

  @Override
  public void close() throws IOException {
    Teardown teardown = sandbox.destroy();
    if (!teardown.verified()) {
      throw new IOException("the sandbox left " + teardown.leftovers());
    }
  }
}
