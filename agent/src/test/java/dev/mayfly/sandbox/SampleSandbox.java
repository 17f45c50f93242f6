package dev.mayfly.sandbox;

import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.EngineFacts;
import dev.mayfly.engine.FakeEngine;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.job.Job;
import dev.mayfly.job.JobId;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.Policy;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A sandbox that runs commands, and is nothing else: its PID 1 is played by a test. */
public final class SampleSandbox {
  /** Instead of an exit code: there is no such program. */
  public static final int MISSING = -1;

  /** Instead of an exit code: it ends with 0, and what it printed comes later, {@link #says}. */
  public static final int TALKS_LATER = -2;

  private static final int SPAWN = 1;
  private static final int SIGNAL = 4;
  private static final int KILLALL = 6;
  private static final int EXEC = 4;
  private static final int ENOENT = 2;

  private final FakeInit init;
  private final Programs programs;
  private final Sandbox sandbox;
  private final List<Integer> running = new ArrayList<>();
  private final BlockingQueue<Started> started = new LinkedBlockingQueue<>();
  private final BlockingQueue<Integer> signals = new LinkedBlockingQueue<>();
  private volatile int talking;

  /** The programs that there are. */
  @FunctionalInterface
  public interface Programs {
    /** What a command ends with; empty: it goes on until it is killed. */
    OptionalInt run(List<String> arguments);
  }

  /** A command that was started, or could not be. */
  public record Started(List<String> arguments, List<String> environment) {}

  private SampleSandbox(FakeInit init, Programs programs, Sandbox sandbox) {
    this.init = init;
    this.programs = programs;
    this.sandbox = sandbox;
  }

  /** What is not there is not asked for, as nothing stops or destroys it. */
  @SuppressWarnings("NullAway")
  public static SampleSandbox of(Policy policy, ImageFacts image, Programs programs)
      throws IOException, EngineException {
    FakeInit init = FakeInit.connect();
    SandboxPlanner.Decision decision =
        new SandboxPlanner(
                new EngineFacts(
                    "Docker", "20.10", "overlay2", "cgroupfs", Set.of("seccomp"), 4, true),
                false,
                SeccompProfiles.load(Path.of("..", "seccomp")),
                Path.of("/opt/mayfly/libexec"),
                Path.of("/var/lib/mayfly/sandboxes"),
                IpRange.parse("198.19.0.1").first())
            .plan(new SandboxId("abcdefgh-7"), Job.local(new JobId("1")), policy, image);
    Sandbox sandbox =
        new Sandbox(
            ((SandboxPlanner.Decision.Accepted) decision).plan(),
            new Sandbox.Parts(
                FakeEngine.CONTAINER,
                null,
                init.channel(),
                ProcessHandle.current(),
                new JobUser("job", 1001, 1001, List.of(), "/home/job"),
                List.of()),
            null,
            new FakeEngine(),
            null);
    SampleSandbox sample = new SampleSandbox(init, programs, sandbox);
    Thread.ofVirtual().start(sample::answer);
    return sample;
  }

  public Sandbox sandbox() {
    return sandbox;
  }

  /** The next command that was asked for. */
  public Started awaitStart() throws InterruptedException {
    return started.take();
  }

  /** The next signal. */
  public int awaitSignal() throws InterruptedException {
    return signals.take();
  }

  /** The output of the command that ended last. */
  public void says(String text) {
    init.says(
        InitFrames.stdout(talking, text.getBytes(StandardCharsets.UTF_8)),
        InitFrames.stdout(talking, new byte[0]),
        InitFrames.stderr(talking, new byte[0]));
  }

  private void answer() {
    try {
      while (true) {
        FakeInit.Frame frame = init.awaitFrame();
        switch (frame.type()) {
          case SPAWN -> spawn(frame);
          case SIGNAL -> signals.add((int) frame.payload()[1]);
          case KILLALL -> {
            running.forEach(id -> ends(id, 1, 9));
            running.clear();
            init.says(InitFrames.killed());
          }
          default -> {}
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void spawn(FakeInit.Frame frame) {
    List<String> arguments = texts(frame.spawn().arguments());
    OptionalInt code = programs.run(arguments);
    if (code.isPresent() && code.getAsInt() == MISSING) {
      init.says(InitFrames.failed(frame.command(), EXEC, ENOENT));
    } else {
      init.says(InitFrames.started(frame.command(), 7));
      if (code.isPresent() && code.getAsInt() == TALKS_LATER) {
        talking = frame.command();
        init.says(InitFrames.exited(frame.command(), 0, 0));
      } else if (code.isPresent()) {
        ends(frame.command(), 0, code.getAsInt());
      } else {
        running.add(frame.command());
      }
    }
    started.add(new Started(arguments, texts(frame.spawn().environment())));
  }

  private void ends(int command, int kind, int value) {
    init.says(
        InitFrames.stdout(command, new byte[0]),
        InitFrames.stderr(command, new byte[0]),
        InitFrames.exited(command, kind, value));
  }

  private static List<String> texts(List<byte[]> strings) {
    return strings.stream().map(it -> new String(it, StandardCharsets.UTF_8)).toList();
  }
}
