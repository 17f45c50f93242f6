package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.event.Event;
import dev.mayfly.linux.LoopDevice;
import dev.mayfly.monitor.EventSource;
import dev.mayfly.monitor.FallbackSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a host without BPF tells of a sandbox, by its own processes and files. */
class FallbackSourceIT {
  private final Path directory;
  private FallbackSource source;

  FallbackSourceIT(@TempDir Path directory) {
    this.directory = directory;
  }

  /** One sandbox, and what is seen of it. */
  private final class Box implements EventSource.Sink, AutoCloseable {
    private final BlockingQueue<Object> seen = new LinkedBlockingQueue<>();
    private final DiskBed disk;
    private final BoxBed bed;
    private final EventSource.Watching watching;
    private long last;
    private int ends;

    Box(String name) throws IOException {
      Path home = Files.createDirectory(directory.resolve(name));
      disk = DiskBed.makeAboveHost(home, "64M");
      String group = "/mayfly-fallback-it-" + ProcessHandle.current().pid() + "-" + name;
      Path cgroup = BoxBed.cgroup(group);
      disks.add(disk);
      watching = source.watch(new EventSource.Target(group, Set.of()), this);
      bed = BoxBed.start(disk, cgroup);
      watching.started(bed.pid());
      all();
    }

    @Override
    public void event(Event event) {
      seen.add(event);
    }

    @Override
    public void lost(String what, long count) {
      seen.add("LOST " + count + " " + what);
    }

    /** All that was seen of what was done until now; numbers follow each other. */
    List<Object> all() {
      int code = 100 + ++ends;
      String end = "/workspace/end-of-" + ends;
      bed.run("(exit " + code + "); : > " + end);
      List<Object> all = new ArrayList<>();
      boolean ended = false;
      boolean written = false;
      try {
        while (!ended || !written) {
          Object next = seen.poll(20, TimeUnit.SECONDS);
          if (next == null) {
            throw new AssertionError("never seen: " + end + ", but " + all);
          }
          if (next instanceof Event event) {
            assertThat(event.stamp().sequence()).isEqualTo(++last);
          }
          ended |= next instanceof Event.Exited exited && exited.code() == code;
          written |= next instanceof Event.Opened opened && opened.path().equals(end);
          all.add(next);
        }
        return all;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    <T extends Event> List<T> run(Class<T> kind, String script) {
      bed.run(script);
      return all().stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    @Override
    public void close() throws IOException {
      try (disk;
          bed) {
        watching.end();
      }
    }
  }

  private final List<DiskBed> disks = new ArrayList<>();

  @BeforeEach
  void start() throws IOException {
    assertThat(FallbackSource.probe()).isEmpty();
    source =
        FallbackSource.start(
            target -> Optional.of(disks.getLast().disk(path -> true)),
            path -> !path.startsWith("/dev") && !path.startsWith("/tmp"));
  }

  @AfterEach
  void leaveNothing() throws IOException {
    source.close();
    assertThat(LoopDevice.list()).noneMatch(l -> l.backing().startsWith(directory.toString()));
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("disk-watch", "write-watch", "process-events");
  }

  private static List<String> programs(List<? extends Event> events, String mark) {
    return events.stream()
        .map(Event.Executed.class::cast)
        .filter(e -> e.arguments().stream().anyMatch(a -> a.contains(mark)))
        .map(e -> String.join(" ", e.arguments()))
        .toList();
  }

  @Test
  void tellsProgramsWithAllThatDescribesThem() throws IOException {
    try (Box box = new Box("a")) {
      Event.Executed told =
          box.run(Event.Executed.class, "cd /workspace; /bin/sleep 1.3; cd /").getFirst();
      assertThat(told.arguments()).containsExactly("/bin/sleep", "1.3");
      assertThat(told.path()).endsWith("/bin/sleep");
      assertThat(told.directory()).isEqualTo("/workspace");
      assertThat(told.file().inode()).isPositive();
      assertThat(told.capabilities()).isNotZero();
      assertThat(told.stamp().parent()).isEqualTo((int) box.bed.pid());
      assertThat(told.stamp().uid()).isZero();
      assertThat(told.flaws()).isEmpty();
    }
  }

  @Test
  void tellsForkAndExitOfEachProcess() throws IOException {
    try (Box box = new Box("a")) {
      List<Event> events = box.run(Event.class, "(exit 7); sh -c 'kill -9 $$'; true");
      List<Event.Exited> exits =
          events.stream()
              .filter(Event.Exited.class::isInstance)
              .map(Event.Exited.class::cast)
              .toList();
      assertThat(exits).extracting(Event.Exited::code).contains(7);
      assertThat(exits).extracting(Event.Exited::signal).contains(9);
      Set<Object> forked =
          events.stream()
              .filter(Event.Forked.class::isInstance)
              .map(e -> ((Event.Forked) e).child())
              .collect(Collectors.toSet());
      assertThat(exits).allMatch(exit -> forked.contains(exit.stamp().process()));
    }
  }

  @Test
  void keepsWhoLeavesItsSessionItsParentAndItsCgroup() throws IOException, InterruptedException {
    Path root = BoxBed.cgroup("/");
    try (Box box = new Box("a")) {
      List<Event> events =
          box.run(
              Event.class,
              "setsid sh -c 'sh -c \"/bin/sleep 1.41; /bin/sleep 1.42\" & exit'; /bin/sleep 4");
      assertThat(programs(executed(events), "1.41")).isNotEmpty();
      assertThat(programs(executed(events), "1.42")).contains("/bin/sleep 1.42");
      assertThat(events)
          .anyMatch(e -> e instanceof Event.Called called && called.call().equals("setsid"));

      List<Long> pids =
          Files.readAllLines(
                  BoxBed.cgroup("/mayfly-fallback-it-" + ProcessHandle.current().pid() + "-a")
                      .resolve("cgroup.procs"))
              .stream()
              .map(Long::valueOf)
              .toList();
      for (long pid : pids) {
        Files.writeString(root.resolve("cgroup.procs"), "" + pid);
      }
      events = box.run(Event.class, "/bin/sleep 1.44");
      assertThat(programs(executed(events), "1.44")).containsExactly("/bin/sleep 1.44");
    }
  }

  private static List<Event> executed(List<Event> events) {
    return events.stream().filter(Event.Executed.class::isInstance).toList();
  }

  @Test
  void knowsWhoComesFromOutsideByItsCgroup() throws IOException, InterruptedException {
    try (Box box = new Box("a")) {
      Process outside =
          new ProcessBuilder(
                  "sh",
                  "-c",
                  "sh -c 'echo $PPID > \"$0/cgroup.procs\"' \"$0\"; exec /bin/sleep 1.51",
                  BoxBed.cgroup("/mayfly-fallback-it-" + ProcessHandle.current().pid() + "-a")
                      .toString())
              .start();
      assertThat(outside.waitFor()).isZero();
      List<Object> events = box.all();
      assertThat(events)
          .anyMatch(
              e ->
                  e instanceof Event.Forked forked
                      && forked.entered()
                      && forked.child().pid() == outside.pid())
          .anyMatch(
              e ->
                  e instanceof Event.Executed told
                      && told.arguments().equals(List.of("/bin/sleep", "1.51")));
    }
  }

  @Test
  void tellsEachSandboxItsOwn() throws IOException {
    try (Box a = new Box("a");
        Box b = new Box("b")) {
      IntStream.range(0, 50)
          .forEach(
              i -> {
                a.bed.run("/bin/sleep 0.00" + i + "1");
                b.bed.run("/bin/sleep 0.00" + i + "2");
              });
      for (Box box : List.of(a, b)) {
        List<Event> events =
            box.all().stream().filter(Event.class::isInstance).map(Event.class::cast).toList();
        String own = box == a ? "1" : "2";
        assertThat(executed(events)).hasSize(50);
        assertThat(programs(executed(events), "0.00"))
            .isNotEmpty()
            .allMatch(line -> line.endsWith(own));
      }
    }
  }

  @Test
  void countsEveryProgramAndTellsWhoseArgumentsAreGone() throws IOException {
    try (Box box = new Box("a")) {
      box.bed.run("i=0; while [ $i -lt 2000 ]; do /bin/true $i; i=$((i+1)); done");
      List<Object> all = box.all();
      List<Event.Executed> told =
          all.stream()
              .filter(Event.Executed.class::isInstance)
              .map(Event.Executed.class::cast)
              .toList();
      assertThat(told).hasSize(2000);
      assertThat(told)
          .allMatch(
              e ->
                  e.flaws().contains(Event.Executed.Flaw.ARGUMENTS_UNREADABLE)
                      || e.arguments().size() == 2);
    }
  }

  @Test
  void tellsNamesAndWritesOnTheDisk() throws IOException {
    try (Box box = new Box("a")) {
      box.bed.run("mkdir -p /etc/cron.d; echo x > /etc/cron.d/job; echo y > /workspace/file");
      List<Object> all = box.all();
      assertThat(all)
          .anyMatch(
              e ->
                  e instanceof Event.Changed changed
                      && changed.path().equals("/etc/cron.d/job")
                      && changed.stamp().process().pid() == box.bed.pid()
                      && changed.stamp().process().start() != 0)
          .anyMatch(e -> e instanceof Event.Opened o && o.path().equals("/etc/cron.d/job"))
          .anyMatch(e -> e instanceof Event.Opened o && o.path().equals("/workspace/file"));
      assertThat(
              all.stream()
                  .filter(e -> e instanceof Event.Opened o && o.path().equals("/etc/cron.d/job")))
          .hasSize(1);
    }
  }

  @Test
  void tellsLongArgumentsAsCut() throws IOException {
    try (Box box = new Box("a")) {
      Event.Executed told =
          box
              .run(Event.Executed.class, "/bin/sleep 1 $(head -c 40000 /dev/zero | tr '\\0' 0) ")
              .stream()
              .filter(e -> e.flaws().contains(Event.Executed.Flaw.ARGUMENTS_CUT))
              .findFirst()
              .orElseThrow();
      assertThat(String.join(" ", told.arguments())).hasSize(32 << 10);
    }
  }
}
