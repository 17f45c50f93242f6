package dev.mayfly.cli;

import static dev.mayfly.cli.Diagnosis.missing;
import static dev.mayfly.cli.Diagnosis.ok;
import static dev.mayfly.cli.Diagnosis.weak;

import dev.mayfly.config.MayflyConfig;
import dev.mayfly.detect.DetectionRules;
import dev.mayfly.monitor.EventSource;
import dev.mayfly.monitor.Monitor;
import dev.mayfly.policy.MonitorMode;
import dev.mayfly.policy.Policy;
import dev.mayfly.supervisor.SandboxMonitor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Looks what sandboxes can be watched with, by opening it, and reads what is looked for. */
final class MonitorDoctor {
  private static final String SUBJECT = "monitor";
  private static final String DOCUMENT = "docs/kernel-support.md tells what each kernel gives";

  private final MayflyConfig config;

  MonitorDoctor(MayflyConfig config) {
    this.config = config;
  }

  List<Diagnosis> examine() {
    List<Diagnosis> found = new ArrayList<>();
    DetectionRules rules = DetectionRules.NONE;
    try {
      rules = HostMonitor.rules(config);
      found.add(ok("detections", rules.rules().size() + " rules"));
    } catch (IOException e) {
      found.add(
          missing(
              "detections",
              String.valueOf(e.getMessage()),
              "Mayfly does not start",
              "mend the files in detections-dir"));
    }
    if (config.policies().stream().allMatch(Policy::unwatched)) {
      found.add(ok(SUBJECT, "no policy wants one"));
      return found;
    }
    String supervisor = "check" + ProcessHandle.current().pid();
    try (Monitor monitor = HostMonitor.open(supervisor, rules.watched(), Host.Jobs.ONE)) {
      found.addAll(monitor(monitor));
    }
    return found;
  }

  private List<Diagnosis> monitor(Monitor monitor) {
    List<Diagnosis> found = new ArrayList<>();
    Optional<EventSource> source = monitor.source();
    boolean required =
        config.policies().stream()
            .anyMatch(policy -> policy.monitor().equals(Optional.of(MonitorMode.REQUIRED)));
    String reasons = String.join("; ", monitor.failures());
    if (source.isEmpty()) {
      found.add(
          required
              ? missing(SUBJECT, reasons, "jobs whose policy requires it are refused", DOCUMENT)
              : weak(SUBJECT, reasons, "nobody sees what jobs do", DOCUMENT));
      found.addAll(objections(monitor));
      return found;
    }
    found.add(
        monitor.isBest()
            ? ok(SUBJECT, source.get().name())
            : weak(
                SUBJECT,
                source.get().name() + ", because " + reasons,
                "less is seen of what jobs do",
                DOCUMENT));
    for (String weakness : source.get().weaknesses()) {
      found.add(weak(SUBJECT, weakness, "less is seen or stopped than elsewhere", DOCUMENT));
    }
    found.addAll(objections(monitor));
    return found;
  }

  /** Policies whose jobs are refused on this host. */
  private List<Diagnosis> objections(Monitor monitor) {
    List<Diagnosis> found = new ArrayList<>();
    for (Policy policy : config.policies()) {
      if (!policy.unwatched()) {
        SandboxMonitor.objection(policy, monitor)
            .ifPresent(
                why ->
                    found.add(
                        missing(
                            SUBJECT,
                            "policy " + policy.name() + ": " + why,
                            "its jobs are refused",
                            DOCUMENT)));
      }
    }
    return found;
  }
}
