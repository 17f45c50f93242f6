package dev.mayfly.it;

import static dev.mayfly.it.LsmBed.EPERM;
import static dev.mayfly.it.LsmBed.require;

import dev.mayfly.bpf.BpfPins;
import dev.mayfly.bpf.ProgramGroup;
import dev.mayfly.bpf.Slots;
import dev.mayfly.event.WatchedName;
import dev.mayfly.event.WatchedName.Use;
import dev.mayfly.linux.Errno;
import dev.mayfly.monitor.BpfSource;
import dev.mayfly.monitor.BpfSource.Settings;
import dev.mayfly.monitor.EventSource.Answer;
import dev.mayfly.monitor.EventSource.Target;
import dev.mayfly.monitor.EventSource.Watching;
import dev.mayfly.monitor.Monitor;
import dev.mayfly.supervisor.SandboxMonitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What LsmIT has tried in a machine whose kernel has LSM: two supervisors, of which one is killed,
 * and a third that comes after it. Prints a line of each check, {@code ok NAME} or {@code FAILED
 * NAME: why}, and ends with 0 where none failed.
 */
final class LsmGuest {
  /** How java is started there, where whatever it compiles costs as much as it saves. */
  static final List<String> JAVA =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  private static final Path PINS = SandboxMonitor.PINS;
  private static final Path DEAD = PINS.resolve("dead");
  private static final Set<Answer> ALL = EnumSet.allOf(Answer.class);
  private static final String WATCHED = "watched";
  private static final String READ = "read ROOM/.aws/credentials";

  /** How often it is looked whether the kernel took away what has no pin any more. */
  private static final int MOST_TRIES = 500;

  private final WatchedCgroup orphaned = new WatchedCgroup();
  private final Process child;
  private final List<WatchedName> watched = watched();
  private final LsmBed bed;
  private final Monitor monitor;
  private final LsmChecks checks;
  private final List<BpfSource> later = new ArrayList<>();

  private LsmGuest() throws IOException {
    child =
        new ProcessBuilder(
                Stream.of(
                        Stream.of(Path.of(System.getProperty("java.home"), "bin/java").toString()),
                        JAVA.stream(),
                        Stream.of("-cp", System.getProperty("java.class.path")),
                        Stream.of(BpfSourceChild.class.getName()),
                        Stream.of(DEAD.toString(), orphaned.path()))
                    .flatMap(words -> words)
                    .toList())
            .redirectErrorStream(true)
            .start();
    bed = new LsmBed();
    monitor = Monitor.open(List.of(() -> BpfSource.open(settings("first"))));
    if (!(monitor.source().orElse(null) instanceof BpfSource source)) {
      throw new IOException("no source of events: " + monitor.failures());
    }
    checks = new LsmChecks(bed, source);
  }

  /**
   * What is to be watched, which reading the rules would take this machine half a minute to find.
   */
  static void leaveWatched(Path tree, Collection<WatchedName> watched) throws IOException {
    Files.write(
        tree.resolve(WATCHED),
        watched.stream()
            .map(
                one ->
                    Stream.of(
                            one.directory(),
                            one.name(),
                            one.below(),
                            words(one.uses()),
                            words(one.refusable()))
                        .map(String::valueOf)
                        .collect(Collectors.joining("/")))
            .toList());
  }

  private static String words(Set<Use> uses) {
    return uses.stream().map(Use::name).collect(Collectors.joining(","));
  }

  private static List<WatchedName> watched() throws IOException {
    return Files.readAllLines(Path.of("/", WATCHED)).stream()
        .map(line -> line.split("/", -1))
        .map(
            of ->
                new WatchedName(
                    of[0], of[1], Boolean.parseBoolean(of[2]), uses(of[3]), uses(of[4])))
        .toList();
  }

  private static Set<Use> uses(String words) {
    return Stream.of(words.split(","))
        .filter(word -> !word.isEmpty())
        .map(Use::valueOf)
        .collect(Collectors.toSet());
  }

  private Settings settings(String supervisor) {
    return Settings.ofOne(watched, Optional.of(PINS.resolve(supervisor)));
  }

  /** A check, which throws where something is not as it should be. */
  private interface Step {
    void of(LsmGuest guest) throws IOException, InterruptedException;
  }

  private static Map<String, Step> steps() {
    Map<String, Step> steps = new LinkedHashMap<>();
    steps.put("LSM is in force", LsmGuest::isInForce);
    LsmChecks.all().forEach((name, check) -> steps.put(name, guest -> check.run(guest.checks)));
    steps.put("a killed supervisor's denials hold", LsmGuest::holdsAfterKill);
    steps.put("the next supervisor has its own beside them", LsmGuest::startsBesidePins);
    steps.put("without its pins the dead one's denials end", LsmGuest::endsWithItsPins);
    steps.put("a slot's next sandbox inherits no answers", LsmGuest::inheritsNothing);
    steps.put("nothing is left", LsmGuest::leavesNothing);
    return steps;
  }

  /** The checks' names, in their order. */
  static Set<String> names() {
    return steps().keySet();
  }

  public static void main(String[] arguments) throws IOException {
    LsmGuest guest = new LsmGuest();
    int failed = 0;
    for (Map.Entry<String, Step> step : steps().entrySet()) {
      try {
        step.getValue().of(guest);
        System.out.println("ok " + step.getKey());
      } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
        failed++;
        System.out.println("FAILED " + step.getKey() + ": " + e);
      }
    }
    System.exit(failed == 0 ? 0 : 1);
  }

  private void isInForce() {
    BpfSource source = (BpfSource) monitor.source().orElseThrow();
    require(monitor.isBest(), "it is the best source: " + monitor.failures());
    require(List.of(), source.weaknesses(), "what it lacks");
    require(EnumSet.allOf(ProgramGroup.class), source.inForce(), "what is loaded");
    require(ALL, source.answers(), "what it can have answered");
    require(Files.exists(PINS.resolve("first").resolve("lsm-opens")), "its programs are pinned");
  }

  private void holdsAfterKill() throws IOException, InterruptedException {
    List<String> said =
        child.inputReader().lines().takeWhile(line -> !line.equals("ready")).toList();
    require(List.of("[]"), said, "what the child lacks");
    require(EPERM, bed.inside(orphaned, READ), "what it ends with while the supervisor lives");
    Process there = new ProcessBuilder(orphaned.inside(bed.command("later " + READ))).start();
    require("there", there.inputReader().readLine(), "what it says");
    child.destroyForcibly().waitFor();
    there.getOutputStream().close();
    require(EPERM, WatchedCgroup.await(there), "what it ends with if it was there");
    require(EPERM, bed.inside(orphaned, READ), "what it ends with if it came later");
    require(0, bed.beside(READ), "what it ends with where nobody watches");
  }

  private void startsBesidePins() throws IOException {
    BpfSource next = BpfSource.open(settings("next"));
    later.add(next);
    require(List.of(), next.weaknesses(), "what it lacks");
    require(Set.of("first", "dead", "next"), pinned(), "who pinned");
    refusesWhatItIsAskedTo(next);
    require(EPERM, bed.inside(orphaned, READ), "what it ends with in a sandbox of the dead one");
  }

  private void refusesWhatItIsAskedTo(BpfSource source) throws IOException {
    Set<Answer> other = Set.of(Answer.REFUSE_PERSISTENCE);
    require(
        EPERM,
        bed.watched(source, Set.of(Answer.REFUSE_CREDENTIALS), READ).code(),
        "what it ends with in a sandbox of its own");
    require(0, bed.watched(source, other, READ).code(), "what it ends with if it is allowed");
  }

  private static Set<String> pinned() throws IOException {
    return BpfPins.list(PINS).stream()
        .map(pins -> pins.getFileName().toString())
        .collect(Collectors.toSet());
  }

  private void endsWithItsPins() throws IOException {
    require(BpfPins.remove(DEAD), "the dead one's pins were there");
    require(Set.of("first", "next"), pinned(), "who pinned");
    awaitEnd(0, orphaned, bed.command(READ));
    refusesWhatItIsAskedTo(later.getFirst());
  }

  /** The kernel takes away what nobody holds a little later. */
  private static void awaitEnd(int code, WatchedCgroup cgroup, String... command) {
    int found = cgroup.run(command);
    for (int tries = 1; found != code && tries < MOST_TRIES; tries++) {
      found = cgroup.run(command);
    }
    require(code, found, "what " + String.join(" ", command) + " ends with at last");
  }

  /** While all slots but one are taken, the next sandbox gets that one. */
  private void inheritsNothing() throws IOException {
    BpfSource source = later.getFirst();
    try (WatchedCgroup strict = new WatchedCgroup();
        WatchedCgroup others = new WatchedCgroup();
        WatchedCgroup next = new WatchedCgroup()) {
      Watching first = source.watch(new Target(strict.path(), ALL), new SeenEvents());
      first.started(1);
      require(LsmBed.KILLED, bed.inside(strict, READ), "what it ends with in the first");
      for (int slot = 1; slot < Slots.MOST; slot++) {
        source.watch(new Target(others.path(), Set.of()), new SeenEvents());
      }
      first.end();
      Watching second = source.watch(new Target(next.path(), Set.of()), new SeenEvents());
      require(0, bed.inside(next, READ), "what it ends with while the next starts");
      second.started(1);
      for (String act : List.of(READ, "create ROOM/cron.d/new", "open-memory 1", "attach 1")) {
        require(0, bed.inside(next, act), "what '" + act + "' ends with in the next");
      }
      require(EPERM, bed.inside(next, "raw-socket"), "what is refused to all ends with");
      require(0, bed.inside(strict, READ), "what it ends with in the first, which is over");
    }
  }

  private void leavesNothing() throws IOException {
    require(0, bed.beside("find-program"), "what is found while there are programs");
    later.forEach(BpfSource::close);
    monitor.close();
    try (WatchedCgroup anywhere = new WatchedCgroup()) {
      awaitEnd(Errno.ENOENT, anywhere, bed.command("find-program"));
    }
    orphaned.close();
    require(List.of(), BpfPins.list(PINS), "what is pinned");
    require(List.of(), WatchedCgroup.left(), "what there is of cgroups");
    require(
        List.of(),
        Files.readAllLines(Path.of("/proc/self/mounts")).stream()
            .filter(mount -> mount.startsWith("bpf "))
            .toList(),
        "what is mounted");
  }
}
