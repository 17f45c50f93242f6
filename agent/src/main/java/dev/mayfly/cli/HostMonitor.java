package dev.mayfly.cli;

import dev.mayfly.config.MayflyConfig;
import dev.mayfly.monitor.BpfSource;
import dev.mayfly.monitor.Monitor;
import dev.mayfly.policy.MonitorMode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The best source of events that this host has. */
final class HostMonitor {
  /** Where the programs of each supervisor are pinned, in a directory of its own. */
  static final Path PINS = Path.of("/run/mayfly/bpf");

  private HostMonitor() {}

  /** Opens it beside what else is done; nothing where no policy watches. */
  static CompletableFuture<Monitor> opening(MayflyConfig config, String supervisor) {
    boolean wanted =
        config.policies().stream()
            .anyMatch(policy -> !policy.monitor().equals(Optional.of(MonitorMode.OFF)));
    return wanted
        ? CompletableFuture.supplyAsync(
            () -> open(supervisor), task -> Thread.ofPlatform().name("monitor").start(task))
        : CompletableFuture.completedFuture(Monitor.open(List.of()));
  }

  static Monitor open(String supervisor) {
    return Monitor.open(
        List.of(
            () ->
                BpfSource.open(
                    BpfSource.Settings.of(List.of(), Optional.of(PINS.resolve(supervisor))))));
  }
}
