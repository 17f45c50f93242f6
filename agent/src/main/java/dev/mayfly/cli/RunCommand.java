package dev.mayfly.cli;

import dev.mayfly.config.MayflyConfig;
import dev.mayfly.control.ControlServer;
import dev.mayfly.engine.EngineException;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.supervisor.Steering;
import dev.mayfly.yaml.ConfigException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The supervisor as a daemon. */
@Command(
    name = "run",
    description = {
      "Runs the supervisor and the configuration's runners until it is told to stop (SIGTERM, SIGINT);",
      "mayfly exec asks it then. The jobs of runners may go on as long as gitlab.drain says when it is",
      "stopped, or until it is told again; all others are ended and destroyed first."
    },
    mixinStandardHelpOptions = true)
final class RunCommand implements Callable<Integer> {
  private static final Duration SWEEP_PERIOD = Duration.ofMinutes(1);

  @Mixin private ConfigOption configOption = new ConfigOption();

  @Option(
      names = "--socket",
      paramLabel = "PATH",
      description = "Where to listen, instead of /run/mayfly/mayfly.sock.")
  private Path socket = ControlServer.DEFAULT_SOCKET;

  @Override
  public Integer call() throws ConfigException {
    MayflyConfig config = configOption.read();
    try (Host host = Host.open(config, Host.home(), List.of());
        ScheduledExecutorService sweeper =
            Executors.newSingleThreadScheduledExecutor(Thread.ofVirtual().factory())) {
      Reaping.sweep(host.reaper(), ExecCommand::say);
      AtomicReference<Fronts> fronts = new AtomicReference<>();
      ScheduledFuture<?> sweeping =
          sweeper.scheduleAtFixedRate(
              () -> sweep(host, fronts),
              SWEEP_PERIOD.toSeconds(),
              SWEEP_PERIOD.toSeconds(),
              TimeUnit.SECONDS);
      serve(config, host, fronts);
      sweeping.cancel(false);
      return 0;
    } catch (EngineException | IOException e) {
      ExecCommand.say(String.valueOf(e.getMessage()));
      return JobResult.REFUSED;
    }
  }

  private void serve(MayflyConfig config, Host host, AtomicReference<Fronts> fronts)
      throws IOException {
    ControlServer server =
        ControlServer.open(
            socket.toAbsolutePath(),
            new ControlServer.Service(
                new ExecService(config, host.supervisor(), ExecCommand::say),
                MayflyVersion.text(),
                ExecCommand::say));
    try (server;
        Signals _ = Signals.forwardTo(stopping(server, fronts))) {
      try (Fronts started = Fronts.start(config, host, ExecCommand::say)) {
        fronts.set(started);
        ExecCommand.say("listening on " + socket);
        server.serve();
        started.drain();
      }
    }
  }

  /** The first signal has jobs of runners go on, the second one ends them. */
  private static Steering stopping(ControlServer server, AtomicReference<Fronts> fronts) {
    return new Steering() {
      private final AtomicBoolean told = new AtomicBoolean();

      @Override
      public void signal(int number) {
        Fronts started = fronts.get();
        if (told.compareAndSet(false, true)) {
          ExecCommand.say("stopping: no more jobs are taken, those of mayfly exec are ended");
          server.stopAccepting();
        } else if (started != null) {
          ExecCommand.say("stopping at once: jobs that still run are ended");
          started.hurry();
        }
      }

      @Override
      public void resize(int rows, int columns) {}
    };
  }

  private static void sweep(Host host, AtomicReference<Fronts> fronts) {
    try {
      Reaping.sweep(host.reaper(), ExecCommand::say);
      Reaping.tell(host.supervisor().retryTeardowns(), "left by a job", ExecCommand::say);
      host.egress().refreshFirewall();
      Fronts started = fronts.get();
      if (started != null) {
        started.refresh();
      }
    } catch (IOException | EngineException | RuntimeException e) {
      ExecCommand.say("what is done every minute could not be done: " + e.getMessage());
    }
  }
}
