package dev.mayfly.supervisor;

import dev.mayfly.detect.DetectionRules;
import dev.mayfly.detect.Detector;
import dev.mayfly.detect.Match;
import dev.mayfly.detect.Rule;
import dev.mayfly.event.Event;
import dev.mayfly.event.Observation;
import dev.mayfly.event.Stamp;
import dev.mayfly.job.Finding;
import dev.mayfly.job.Finding.Reaction;
import dev.mayfly.job.Finding.Severity;
import dev.mayfly.job.Printable;
import dev.mayfly.monitor.ProcessChain;
import dev.mayfly.policy.Policy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Looks at what one sandbox does, by the rules, and reacts as its policy says. */
final class SandboxDetections implements Consumer<Observation> {
  /** EPERM, EACCES and ENOSYS. */
  private static final Set<Long> REFUSALS = Set.of(-1L, -13L, -38L);

  private final Detector detector;
  private final Policy policy;
  private final Consumer<String> log;
  private final Consumer<Finding> stop;

  /**
   * @param log takes a line for the job's log; must not block
   * @param stop ends the job because of a finding
   */
  SandboxDetections(
      DetectionRules rules, Policy policy, Consumer<String> log, Consumer<Finding> stop) {
    this.detector = new Detector(rules);
    this.policy = policy;
    this.log = log;
    this.stop = stop;
  }

  @Override
  public synchronized void accept(Observation observation) {
    for (Match match : detector.observe(observation)) {
      Finding finding = finding(match);
      if (finding.severity().compareTo(Severity.MEDIUM) >= 0
          || finding.reaction() != Reaction.AUDIT) {
        log.accept(line(finding, asked(match.rule())));
      }
      if (finding.reaction() == Reaction.KILL) {
        stop.accept(finding);
      }
    }
  }

  /** All that was found, the same thing once. */
  synchronized List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    detector.matches().forEach(match -> findings.add(finding(match)));
    detector
        .untold()
        .forEach(
            (rule, count) ->
                findings.add(
                    new Finding(
                        rule,
                        Severity.LOW,
                        Optional.empty(),
                        Reaction.AUDIT,
                        "several",
                        "more different targets than are told one by one",
                        "see the rule in docs/detections.md",
                        count)));
    return List.copyOf(findings);
  }

  /** What was to be remembered of rules that look at several events, and was not. */
  synchronized long forgotten() {
    return detector.forgotten();
  }

  private Finding finding(Match match) {
    Rule rule = match.rule();
    return new Finding(
        rule.id(),
        rule.severity(),
        rule.technique(),
        reaction(match),
        Printable.escaped(ProcessChain.text(match.last().actor())),
        Printable.escaped(rule.title() + ": " + match.target()),
        rule.remedy(),
        match.count());
  }

  private Reaction asked(Rule rule) {
    return policy.onFinding().to(rule.id(), rule.category()).orElse(rule.reaction());
  }

  /** What the kernel did already counts; else what the policy says, and then the rule. */
  private Reaction reaction(Match match) {
    Stamp.Effect effect = match.last().event().stamp().effect();
    if (asked(match.rule()) == Reaction.KILL) {
      return Reaction.KILL;
    }
    return effect == Stamp.Effect.TOLD && !isRefused(match.last().event())
        ? Reaction.AUDIT
        : Reaction.BLOCK;
  }

  /** A call that came back with what seccomp and missing rights answer; all else was done. */
  private static boolean isRefused(Event event) {
    return event instanceof Event.Called called && REFUSALS.contains(called.result());
  }

  private static String line(Finding finding, Reaction asked) {
    String done =
        switch (finding.reaction()) {
          case AUDIT ->
              asked == Reaction.BLOCK ? "recorded, as it could not be refused" : "recorded";
          case BLOCK -> "stopped";
          case KILL -> "the job is ended";
        };
    return "finding "
        + finding.rule()
        + " ("
        + finding.severity().word()
        + "): "
        + finding.target()
        + ", by "
        + finding.process()
        + "; "
        + done
        + "; "
        + finding.remedy();
  }
}
