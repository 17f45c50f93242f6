package dev.mayfly.rules;

import dev.mayfly.cli.Host;
import dev.mayfly.job.Finding;
import dev.mayfly.job.Job;
import dev.mayfly.job.JobId;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.Identity;
import dev.mayfly.policy.MonitorMode;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.Reactions;
import dev.mayfly.policy.SeccompKnob;
import dev.mayfly.supervisor.CommandRequest;
import dev.mayfly.supervisor.JobControl;
import dev.mayfly.supervisor.JobRequest;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.supervisor.JobStreams;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Runs scripts in sandboxes of their own, where everything is recorded and nothing is stopped. */
public final class ScriptRunner {
  private static final String NAME = "job.sh";
  private static final Set<Finding.Category> BLOCKED =
      Set.of(Finding.Category.CREDENTIALS, Finding.Category.PERSISTENCE);

  private final Host host;
  private final Path scratch;
  private final AtomicInteger last = new AtomicInteger();

  /**
   * @param scratch a directory for files of its own
   */
  public ScriptRunner(Host host, Path scratch) {
    this.host = host;
    this.scratch = scratch;
  }

  /**
   * What came of a script.
   *
   * @param said what it and Mayfly printed
   */
  public record Ran(JobResult result, Path recording, String said) {}

  /** Runs one; the script is called by a name that tells nothing. */
  public Ran run(RuleScript script) throws IOException {
    return run(script.file(), script.needs(), Optional.empty());
  }

  /**
   * Runs a script.
   *
   * @param needs what it has to have: {@code user}, {@code resolver}, {@code block} for a policy
   *     that has refused what it can, or the word of a knob
   * @param around what lies beside it in the workspace
   */
  public Ran run(Path script, Set<String> needs, Optional<Path> around) throws IOException {
    Path home = Files.createDirectories(scratch.resolve("run-" + last.incrementAndGet()));
    Path workspace = Files.createDirectory(home.resolve("workspace"));
    if (around.isPresent()) {
      copy(around.get(), workspace);
    }
    Files.copy(script, workspace.resolve(NAME));
    Path recording = home.resolve("recording.jsonl");
    ByteArrayOutputStream output = new ByteArrayOutputStream();
    List<String> messages = new ArrayList<>();
    JobResult result =
        host.supervisor()
            .run(
                new JobRequest(
                    Job.local(new JobId("rule")),
                    policy(needs),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.of(recording)),
                new CommandRequest(
                    List.of(bytes("bash"), bytes(NAME)),
                    List.of(),
                    Optional.of(workspace),
                    Optional.empty()),
                new JobStreams(InputStream.nullInputStream(), output, output, messages::add),
                new JobControl());
    return new Ran(
        result, recording, output.toString(StandardCharsets.UTF_8) + String.join("\n", messages));
  }

  private static void copy(Path from, Path to) throws IOException {
    Process copying =
        new ProcessBuilder("cp", "-a", "--", from + "/.", to + "/").inheritIO().start();
    if (copying.onExit().join().exitValue() != 0) {
      throw new IOException("cp of " + from + " failed");
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Finding.Reaction reaction(Finding.Category category, Set<String> needs) {
    return needs.contains("block") && BLOCKED.contains(category)
        ? Finding.Reaction.BLOCK
        : Finding.Reaction.AUDIT;
  }

  private static Policy policy(Set<String> needs) {
    Policy some = Policy.DEFAULT;
    EgressPolicy egress =
        needs.contains("resolver")
            ? some.egress()
            : new EgressPolicy(
                EgressMode.NONE,
                List.<EgressRule>of(),
                some.egress().refusedRanges(),
                some.egress().gate(),
                some.egress().refusedNames());
    return new Policy(
        "rules",
        some.image(),
        false,
        some.pull(),
        Optional.of(needs.contains("user") ? Identity.USER : Identity.ROOT),
        false,
        Arrays.stream(SeccompKnob.values())
            .filter(knob -> needs.contains(knob.word()))
            .collect(Collectors.toUnmodifiableSet()),
        some.limits(),
        egress,
        Optional.of(MonitorMode.REQUIRED),
        some.match(),
        new Reactions(
            Arrays.stream(Finding.Category.values())
                .collect(
                    Collectors.toMap(Function.identity(), category -> reaction(category, needs))),
            Map.of()));
  }
}
