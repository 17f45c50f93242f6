package dev.mayfly.rules;

import dev.mayfly.cli.Host;
import dev.mayfly.config.ConfigParser;
import dev.mayfly.detect.DetectionRules;
import dev.mayfly.detect.Detections;
import dev.mayfly.detect.ObservationJson;
import dev.mayfly.detect.Rule;
import dev.mayfly.event.Observation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes the fixtures of all rules, or of some, from what is seen of their scripts. */
@Command(name = "record-fixtures")
final class RecordFixtures implements Callable<Integer> {
  private static final int AT_ONCE = 2;

  @Option(names = "--config", required = true)
  private Path config = Path.of("");

  @Option(names = "--scripts", required = true)
  private Path scripts = Path.of("");

  @Option(names = "--out", required = true)
  private Path out = Path.of("");

  @Option(names = "--scratch", required = true)
  private Path scratch = Path.of("");

  @Parameters(arity = "0..*", description = "Ids of rules; all where none is named.")
  private List<String> ids = List.of();

  private final Map<String, String> troubles = new ConcurrentSkipListMap<>();

  private RecordFixtures() {}

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new RecordFixtures()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    DetectionRules rules = Detections.load(Optional.empty());
    Map<String, List<RuleScript>> byRule = new TreeMap<>();
    for (RuleScript script : RuleScript.in(scripts)) {
      if (ids.isEmpty() || ids.contains(script.rule())) {
        byRule.computeIfAbsent(script.rule(), _ -> new ArrayList<>()).add(script);
      }
    }
    try (Host host = Host.open(ConfigParser.parse(config), home(), List.of());
        ExecutorService workers = Executors.newFixedThreadPool(AT_ONCE)) {
      ScriptRunner runner = new ScriptRunner(host, scratch);
      List<Future<?>> running = new ArrayList<>();
      byRule.forEach(
          (id, its) -> {
            Optional<Rule> rule = rules.rule(id);
            if (rule.isEmpty()) {
              troubles.put(id, "there is no such rule");
            } else {
              running.add(workers.submit(() -> record(runner, rule.get(), its)));
            }
          });
      for (Future<?> one : running) {
        one.get();
      }
    }
    for (Rule rule : rules.rules()) {
      if (ids.isEmpty() && !byRule.containsKey(rule.id())) {
        troubles.put(rule.id(), "it has no scripts");
      }
    }
    troubles.forEach((id, what) -> System.out.println(id + ": " + what));
    System.out.println(byRule.size() + " rules, " + troubles.size() + " troubles");
    return troubles.isEmpty() ? 0 : 1;
  }

  private static Path home() throws IOException {
    String home = System.getProperty("mayfly.home");
    if (home == null) {
      throw new IOException("mayfly.home is not set");
    }
    return Path.of(home);
  }

  private void record(ScriptRunner runner, Rule rule, List<RuleScript> its) {
    try {
      List<Observation> match = List.of();
      for (RuleScript script : its.stream().filter(RuleScript::attack).toList()) {
        ScriptRunner.Ran ran = runner.run(script);
        List<Observation> seen = FixtureCutter.ofJob(ObservationJson.readAll(ran.recording()));
        if (!FixtureCutter.matches(rule, seen)) {
          troubles.put(
              rule.id(), "its attack is not found: " + ran.result().outcome() + " " + ran.said());
          return;
        }
        match = FixtureCutter.least(rule, seen);
        write(script, match);
      }
      for (RuleScript script : its.stream().filter(one -> !one.attack()).toList()) {
        ScriptRunner.Ran ran = runner.run(script);
        List<Observation> seen = FixtureCutter.ofJob(ObservationJson.readAll(ran.recording()));
        if (FixtureCutter.matches(rule, seen)) {
          troubles.put(
              rule.id(),
              "it finds what is benign: "
                  + ObservationJson.write(FixtureCutter.least(rule, seen).getLast()));
          return;
        }
        write(script, FixtureCutter.alike(seen, match));
      }
    } catch (IOException | RuntimeException e) {
      troubles.put(rule.id(), e.toString());
    }
  }

  private void write(RuleScript script, List<Observation> observations) throws IOException {
    Files.write(
        out.resolve(script.fixture()), observations.stream().map(ObservationJson::write).toList());
  }
}
