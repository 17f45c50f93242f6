package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.cli.Host;
import dev.mayfly.config.ConfigParser;
import dev.mayfly.detect.ObservationJson;
import dev.mayfly.engine.EngineException;
import dev.mayfly.event.Event;
import dev.mayfly.event.Observation;
import dev.mayfly.job.Finding;
import dev.mayfly.monitor.SandboxActivity;
import dev.mayfly.rules.ScriptRunner;
import dev.mayfly.yaml.ConfigException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/** A supervisor of the test's own on the private engine, whose jobs are recorded. */
final class MonitorBed implements AutoCloseable {
  private final Path directory;
  private final Host host;
  private final ScriptRunner runner;
  private final AtomicInteger last = new AtomicInteger();

  MonitorBed(Path directory) {
    this.directory = directory;
    try {
      Path config = directory.resolve("mayfly.yaml");
      Files.writeString(
          config,
          "engine: %s\nstate-dir: %s\n%s"
              .formatted(TestEngine.PRIVATE.yaml(), directory.resolve("state"), Mayfly.NO_NAMES));
      this.host = Host.open(ConfigParser.parse(config), Site.home(), List.of());
      this.runner = new ScriptRunner(host, Files.createDirectory(directory.resolve("runs")));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (EngineException | ConfigException e) {
      throw new AssertionError(e);
    }
  }

  ScriptRunner runner() {
    return runner;
  }

  /** What a script did, as it was recorded. */
  record Seen(ScriptRunner.Ran ran, List<Observation> observations) {
    SandboxActivity activity() {
      return ran.result().activity();
    }

    <T extends Event> List<T> events(Class<T> kind) {
      return observations.stream()
          .map(Observation::event)
          .filter(kind::isInstance)
          .map(kind::cast)
          .toList();
    }

    List<String> commandLines() {
      return events(Event.Executed.class).stream()
          .map(executed -> String.join(" ", executed.arguments()))
          .toList();
    }

    List<Event.Executed> executed(String program) {
      return events(Event.Executed.class).stream()
          .filter(executed -> executed.path().endsWith("/" + program))
          .toList();
    }

    /** Files that were opened for writing. */
    List<String> written() {
      return events(Event.Opened.class).stream()
          .filter(Event.Opened::writes)
          .map(Event.Opened::path)
          .toList();
    }

    List<String> rules() {
      return ran.result().findings().stream().map(Finding::rule).toList();
    }

    /** What came of each attempt of {@code probes/evade}. */
    Map<String, String> outcomes() {
      return MonitorBed.outcomes(ran.said());
    }

    /** Nothing is lost, and both self-tests were seen. */
    Seen whole() {
      assertThat(ran.result().exitCode()).as(ran.said()).isZero();
      assertThat(activity().losses()).as(ran.said()).isEmpty();
      return this;
    }
  }

  /** What came of each attempt, as {@code probes/evade} printed it among other things. */
  static Map<String, String> outcomes(String printed) {
    return printed
        .lines()
        .map(line -> line.split("\t", -1))
        .filter(fields -> fields.length == 2)
        .collect(Collectors.toMap(fields -> fields[0], fields -> fields[1]));
  }

  /** Runs a script of bash as root of a sandbox. */
  Seen run(String script, String... needs) {
    return run(script, Set.of(needs), Optional.empty());
  }

  Seen run(String script, Set<String> needs, Optional<Path> around) {
    try {
      Path file = directory.resolve("script-" + last.incrementAndGet());
      Files.writeString(file, script);
      ScriptRunner.Ran ran = runner.run(file, needs, around);
      return new Seen(ran, ObservationJson.readAll(ran.recording()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      host.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }
}
