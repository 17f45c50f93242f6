package dev.mayfly.supervisor;

import dev.mayfly.detect.DetectionRules;
import dev.mayfly.event.Observation;
import dev.mayfly.event.WatchedName;
import dev.mayfly.linux.Cgroup;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.linux.Processes;
import dev.mayfly.monitor.DiskWatch;
import dev.mayfly.monitor.EventSource;
import dev.mayfly.monitor.Monitor;
import dev.mayfly.monitor.SandboxActivity;
import dev.mayfly.monitor.Watch;
import dev.mayfly.monitor.WatchedPaths;
import dev.mayfly.policy.MonitorMode;
import dev.mayfly.policy.Policy;
import dev.mayfly.sandbox.Guard;
import dev.mayfly.sandbox.GuardException;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SandboxId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Watches sandboxes as their policies say, and keeps what was seen of them. */
public final class SandboxMonitor implements Guard, AutoCloseable {
  /** Where the programs of each supervisor are pinned, in a directory of its own. */
  public static final Path PINS = Path.of("/run/mayfly/bpf");

  private static final String WHAT = "monitor";
  private static final String REMEDY =
      "mayfly check tells what the host lacks; monitor: best in the policy does with what it has";

  private static final String NOT_THE_BEST =
      "not everything can be seen by the source that this host has, the ";

  private final Cgroups cgroups;
  private final CompletableFuture<Monitor> monitor;
  private final DetectionRules rules;
  private final WatchedPaths paths;
  private final Map<SandboxId, Watch> watches = new ConcurrentHashMap<>();

  /**
   * @param monitor may be opened still, while the first sandbox is made
   * @param watched files whose changes are told
   */
  public SandboxMonitor(
      Cgroups cgroups,
      CompletableFuture<Monitor> monitor,
      DetectionRules rules,
      Collection<WatchedName> watched) {
    this.cgroups = cgroups;
    this.monitor = monitor;
    this.rules = rules;
    this.paths = new WatchedPaths(watched);
  }

  /**
   * Why jobs of a policy are refused on a host that is watched so, for a person; empty where they
   * are not, or not for what it says of findings.
   */
  public static Optional<String> objection(Policy policy, Monitor monitor) {
    return policy.monitor().equals(Optional.of(MonitorMode.BEST))
        ? Optional.empty()
        : Answers.missing(policy, monitor.source());
  }

  /** What is looked for. */
  DetectionRules rules() {
    return rules;
  }

  /**
   * Says who is to be told what a sandbox does that will be made. To be followed by {@link
   * #forget}.
   */
  Watch watch(SandboxId id, Consumer<Observation> listener) {
    Watch watch = new Watch(listener);
    watches.put(id, watch);
    return watch;
  }

  /** What was seen of a sandbox; nothing more is kept of it then. */
  SandboxActivity forget(SandboxId id) {
    Watch watch = watches.remove(id);
    if (watch == null) {
      return SandboxActivity.NOTHING;
    }
    watch.close();
    return watch.activity();
  }

  /** How many sandboxes are watched, or are to be. */
  int watched() {
    return watches.size();
  }

  /**
   * Shows that what the sandbox does is seen, before it does anything.
   *
   * @return why the job is refused; empty where it is not
   */
  Optional<String> prove(Sandbox sandbox) {
    Watch watch = watches.get(sandbox.plan().id());
    if (watch == null || !watch.isWatched() || isSeen(sandbox, watch)) {
      return Optional.empty();
    }
    watch.lost("the self-test before the job was not seen", 0);
    return required(sandbox.plan().policy(), monitor.join())
        ? Optional.of(
            "monitor is not in force: it does not see what the sandbox executes; " + REMEDY)
        : Optional.empty();
  }

  /** Waits until what was before is told, or it is clear that it will not be. */
  void settle(Sandbox sandbox) {
    Watch watch = watches.get(sandbox.plan().id());
    if (watch != null && watch.isWatched()) {
      var _ = isSeen(sandbox, watch);
    }
  }

  /** Shows that it is seen still, and that all that was before it was told. */
  void proveAgain(Sandbox sandbox) {
    Watch watch = watches.get(sandbox.plan().id());
    if (watch != null && watch.isWatched() && !isSeen(sandbox, watch)) {
      watch.lost("the self-test after the job was not seen", 0);
    }
  }

  private static boolean isSeen(Sandbox sandbox, Watch watch) {
    try {
      return SelfTest.isSeen(sandbox, watch);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public String name() {
    return WHAT;
  }

  /** Whether a sandbox of this policy is refused where it can't be watched. */
  private static boolean required(Policy policy, Monitor monitor) {
    return policy.monitor().orElse(monitor.isBest() ? MonitorMode.REQUIRED : MonitorMode.BEST)
        == MonitorMode.REQUIRED;
  }

  @Override
  public Armed arm(Target target) throws GuardException {
    Policy policy = target.plan().policy();
    Watch watch = watches.get(target.plan().id());
    if (watch == null || policy.unwatched()) {
      return () -> {};
    }
    Monitor opened = monitor.join();
    boolean required = required(policy, opened);
    Optional<String> objection = objection(policy, opened);
    if (objection.isPresent()) {
      throw new GuardException(WHAT, objection.get(), Answers.REMEDY, null);
    }
    Answers.missing(policy, opened.source()).ifPresent(why -> watch.lost(why, 0));
    if (opened.source().isEmpty()) {
      return without(watch, required, String.join("; ", opened.failures()), null);
    }
    try {
      Armed armed = armed(target, watch, opened.source().get());
      if (!opened.isBest()) {
        watch.lost(
            NOT_THE_BEST
                + opened.source().get().name()
                + ": "
                + String.join("; ", opened.failures()),
            0);
      }
      return armed;
    } catch (IOException e) {
      return without(watch, required, String.valueOf(e.getMessage()), e);
    }
  }

  private static Armed without(Watch watch, boolean required, String reason, @Nullable Exception e)
      throws GuardException {
    if (required) {
      throw new GuardException(WHAT, reason, REMEDY, e);
    }
    watch.lost("the sandbox could not be watched: " + reason, 0);
    return () -> {};
  }

  /**
   * Its PID 1 waits in its cgroup, which is a sandbox's from now on: the kernel marks it once it
   * starts the first process, and so all that it will make.
   */
  private Armed armed(Target target, Watch watch, EventSource source) throws IOException {
    Cgroup group = cgroups.holding(target.pid(), "pids");
    watch.from(source, Processes.hostUidOfRoot(target.pid()));
    EventSource.Watching watching =
        source.watch(
            new EventSource.Target(group.path(), Answers.of(target.plan().policy())), watch);
    try {
      watching.started(target.pid());
      return new Watched(watching, disk(target, watch));
    } catch (IOException | RuntimeException e) {
      try {
        watching.end();
      } catch (IOException further) {
        e.addSuppressed(further);
      }
      throw e;
    }
  }

  /** Where the kernel does not tell changes of names, the report says so. */
  private Optional<DiskWatch> disk(Target target, Watch watch) {
    Path mount = target.plan().home().resolve("disk");
    try {
      List<DiskWatch.Place> places = new ArrayList<>();
      target
          .places()
          .forEach(
              (seen, place) ->
                  places.add(
                      new DiskWatch.Place(
                          mount.relativize(place).toString(), seen, seen.equals("/"))));
      return Optional.of(
          DiskWatch.start(new DiskWatch.Disk(mount, places, paths), new DiskEvents(watch)));
    } catch (IOException e) {
      watch.lost("changes of names of files are not seen: " + e.getMessage(), 0);
      return Optional.empty();
    }
  }

  /** A sandbox that is watched. */
  private record Watched(EventSource.Watching watching, Optional<DiskWatch> disk) implements Armed {
    @Override
    public void release() {
      disk.ifPresent(DiskWatch::close);
      watching.release();
    }

    @Override
    public void disarm() throws IOException {
      release();
      watching.end();
    }
  }

  @Override
  public void close() {
    monitor.join().close();
  }
}
