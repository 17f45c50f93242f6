package dev.mayfly.cli;

import dev.mayfly.engine.EngineException;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.yaml.ConfigException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What every start of a supervisor does first, and nothing else. */
@Command(
    name = "sweep",
    description = {
      "Destroys what supervisors left that died, and puts the host's network back as it was if no",
      "other supervisor uses it. Every start of Mayfly does the same."
    },
    mixinStandardHelpOptions = true)
final class SweepCommand implements Callable<Integer> {
  @Mixin private ConfigOption configOption = new ConfigOption();

  @Override
  public Integer call() throws ConfigException {
    try (Host host = Host.open(configOption.read(), Host.home(), List.of(), Host.Jobs.NONE)) {
      return Reaping.sweep(host.reaper(), ExecCommand::say) ? 0 : JobResult.LEFTOVERS;
    } catch (EngineException | IOException e) {
      ExecCommand.say(String.valueOf(e.getMessage()));
      return JobResult.REFUSED;
    }
  }
}
