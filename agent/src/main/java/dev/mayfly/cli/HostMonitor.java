package dev.mayfly.cli;

import dev.mayfly.config.MayflyConfig;
import dev.mayfly.detect.DetectionRules;
import dev.mayfly.detect.Detections;
import dev.mayfly.detect.Rule;
import dev.mayfly.event.WatchedName;
import dev.mayfly.monitor.BpfSource;
import dev.mayfly.monitor.FallbackSource;
import dev.mayfly.monitor.Monitor;
import dev.mayfly.monitor.WatchedPaths;
import dev.mayfly.policy.Policy;
import dev.mayfly.supervisor.SandboxMonitor;
import dev.mayfly.yaml.ConfigException;
import dev.mayfly.yaml.Nearest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** What this host watches sandboxes with, and what it looks for. */
final class HostMonitor {
  private HostMonitor() {}

  /** Opens the best source beside what else is done; none where no policy watches. */
  static CompletableFuture<Monitor> opening(
      MayflyConfig config, String supervisor, Collection<WatchedName> watched, Host.Jobs jobs) {
    boolean wanted =
        jobs != Host.Jobs.NONE && !config.policies().stream().allMatch(Policy::unwatched);
    return wanted
        ? CompletableFuture.supplyAsync(
            () -> open(supervisor, watched, jobs),
            task -> Thread.ofPlatform().name("monitor").start(task))
        : CompletableFuture.completedFuture(Monitor.open(List.of()));
  }

  static Monitor open(String supervisor, Collection<WatchedName> watched, Host.Jobs jobs) {
    Optional<Path> pins = Optional.of(SandboxMonitor.PINS.resolve(supervisor));
    return Monitor.open(
        List.of(
            () ->
                BpfSource.open(
                    switch (jobs) {
                      case NONE, ONE -> BpfSource.Settings.ofOne(watched, pins);
                      case MANY -> BpfSource.Settings.of(watched, pins);
                    }),
            () -> FallbackSource.start(_ -> Optional.empty(), new WatchedPaths(watched))));
  }

  /**
   * What is looked for.
   *
   * @throws IOException with everything that is wrong in the operator's own rules
   */
  static DetectionRules rules(MayflyConfig config) throws IOException {
    try {
      DetectionRules rules = Detections.load(config.detectionsDir());
      requireKnown(config.policies(), rules);
      return rules;
    } catch (ConfigException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** A policy's reaction to a rule that there is not would never come. */
  private static void requireKnown(List<Policy> policies, DetectionRules rules) throws IOException {
    List<String> known = rules.rules().stream().map(Rule::id).toList();
    List<String> unknown =
        policies.stream()
            .flatMap(
                policy ->
                    policy.onFinding().byRule().keySet().stream()
                        .filter(id -> !known.contains(id))
                        .map(
                            id ->
                                "policy "
                                    + policy.name()
                                    + ": on-finding names the rule "
                                    + id
                                    + ", which there is not"
                                    + Nearest.to(id, known)
                                        .map(near -> "; did you mean " + near + "?")
                                        .orElse("; docs/detections.md lists them")))
            .sorted()
            .toList();
    if (!unknown.isEmpty()) {
      throw new IOException(String.join("\n", unknown));
    }
  }

  /** What is looked for, read beside what else is done. */
  interface Reading {
    /** As {@link #rules}. */
    DetectionRules finish() throws IOException;
  }

  static Reading readingRules(MayflyConfig config) {
    CompletableFuture<DetectionRules> reading =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return rules(config);
              } catch (IOException e) {
                throw new UncheckedIOException(e.getMessage(), e);
              }
            },
            task -> Thread.ofPlatform().name("detections").start(task));
    return () -> {
      try {
        return reading.join();
      } catch (CompletionException e) {
        if (e.getCause() instanceof UncheckedIOException unreadable) {
          throw new IOException(unreadable.getMessage(), e);
        }
        throw e;
      }
    };
  }
}
