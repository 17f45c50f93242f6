package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.mayfly.bpf.BpfPins;
import dev.mayfly.bpf.ProgramGroup;
import dev.mayfly.event.Event;
import dev.mayfly.event.Stamp;
import dev.mayfly.event.WatchedName;
import dev.mayfly.event.WatchedName.Use;
import dev.mayfly.monitor.BpfSource;
import dev.mayfly.monitor.BpfSource.Settings;
import dev.mayfly.monitor.EventSource;
import dev.mayfly.monitor.EventSource.Answer;
import dev.mayfly.monitor.EventSource.Target;
import dev.mayfly.monitor.EventSource.Watching;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel tells of processes, which are sandboxes by their cgroups alone here. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BpfSourceIT {
  private static final int STORM = 2000;
  private static final int MORE_THAN_SLOTS = 260;
  private static final int RING = 16 << 20;
  private static final long SHARE = 8 << 20;
  private static final String SECRET = "mayfly-it-secret";
  private static final Set<Answer> KILL_READERS = Set.of(Answer.KILL_MEMORY_READERS);
  private static final String LOOP =
      "i=0; while [ $i -lt %d ]; do /bin/true %s-$i; i=$((i+1)); done";

  private BpfSource source;

  private static Settings settings(int ring, long share, Optional<Path> pins) {
    return new Settings(
        ring,
        share,
        List.of(new WatchedName("", SECRET, false, Set.of(Use.values()), Set.of())),
        pins);
  }

  @BeforeAll
  void open() throws IOException {
    assertThat(BpfSource.probe()).isEmpty();
    source = BpfSource.open(settings(RING, SHARE, Optional.empty()));
  }

  @AfterAll
  void close() throws IOException {
    source.close();
    source.close();
    assertThat(WatchedCgroup.left()).isEmpty();
    assertThat(openBpf()).isEmpty();
    assertThatThrownBy(() -> source.watch(new Target("/x", Set.of()), new SeenEvents()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("closed");
  }

  /** What this process holds of BPF. */
  private static List<String> openBpf() throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        if (Files.isSymbolicLink(descriptor)) {
          String target = Files.readSymbolicLink(descriptor).toString();
          if (target.contains("bpf")) {
            found.add(target);
          }
        }
      }
    }
    return found;
  }

  private static Watching watch(EventSource by, WatchedCgroup cgroup, EventSource.Sink sink)
      throws IOException {
    return by.watch(new Target(cgroup.path(), KILL_READERS), sink);
  }

  /** What is told of a command in a sandbox of its own. */
  private SeenEvents seen(String... command) throws IOException {
    SeenEvents seen = new SeenEvents();
    try (WatchedCgroup cgroup = new WatchedCgroup()) {
      Watching watching = watch(source, cgroup, seen);
      cgroup.run(command);
      watching.end();
      watching.end();
    }
    assertThat(seen.losses()).isEmpty();
    assertThat(seen.all().stream().map(event -> event.stamp().sequence()).sorted())
        .containsExactlyElementsOf(
            IntStream.range(0, seen.all().size()).mapToObj(Long::valueOf).toList());
    return seen;
  }

  @Test
  void tellsWhichGroupsAreInForce() {
    assertThat(source.name()).isEqualTo("ebpf");
    assertThat(source.inForce())
        .contains(ProgramGroup.CORE, ProgramGroup.NETWORK, ProgramGroup.SYSCALLS);
    assertThat(source.weaknesses())
        .hasSize(ProgramGroup.values().length - source.inForce().size())
        .allMatch(text -> text.matches("(nothing is refused|.* are not told).*: .+"));
  }

  @Test
  void tellsAProcessFromItsBeginToItsEnd() throws IOException {
    SeenEvents seen = seen("/bin/sh", "-c", "/bin/echo 'two words' '' \"$1\"; exit 7", "sh", "ä\n");
    assertThat(seen.commands())
        .containsExactly(
            List.of("/bin/sh", "-c", "/bin/echo 'two words' '' \"$1\"; exit 7", "sh", "ä\n"),
            List.of("/bin/echo", "two words", "", "ä\n"));
    List<Event> all = seen.all();
    assertThat(all.getFirst()).isInstanceOf(Event.Forked.class);
    Event.Forked entered = (Event.Forked) all.getFirst();
    assertThat(entered.entered()).isTrue();
    Event.Executed shell = seen.all(Event.Executed.class).getFirst();
    assertThat(shell.stamp().process()).isEqualTo(entered.child());
    assertThat(shell.directory()).isEqualTo(Path.of("").toRealPath().toString());
    assertThat(shell.path()).isEqualTo(Path.of("/bin/sh").toRealPath().toString());
    assertThat(shell.called()).isEqualTo("/bin/sh");
    assertThat(shell.file().inode()).isEqualTo(Files.getAttribute(Path.of("/bin/sh"), "unix:ino"));
    assertThat(shell.stamp().uid()).isZero();
    assertThat(shell.flaws()).isEmpty();
    Event.Exited end = (Event.Exited) all.getLast();
    assertThat(end.stamp().process()).isEqualTo(entered.child());
    assertThat(end.code()).isEqualTo(7);
    assertThat(end.signal()).isZero();
    assertThat(end.maxRss()).isPositive();
  }

  @Test
  void tellsAScriptAndItsInterpreter(@TempDir Path directory) throws IOException {
    Path script = directory.resolve("script");
    Files.writeString(script, "#!/bin/sh\nkill -9 $$\n");
    assertThat(script.toFile().setExecutable(true)).isTrue();
    SeenEvents seen = seen(script.toString());
    Event.Executed event = seen.all(Event.Executed.class).getFirst();
    assertThat(event.called()).isEqualTo(script.toString());
    assertThat(event.path()).isEqualTo(Path.of("/bin/sh").toRealPath().toString());
    assertThat(seen.all(Event.Exited.class).getLast().signal()).isEqualTo(9);
  }

  @Test
  void tellsConnectionsAndOpenedFiles(@TempDir Path directory) throws IOException {
    Path secret = Files.writeString(directory.resolve(SECRET), "canary");
    try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      String connect = "exec 3<>/dev/tcp/127.0.0.1/" + server.getLocalPort();
      SeenEvents seen =
          seen("/bin/bash", "-c", connect + "; cat " + secret + " /etc/hostname; : >>" + secret);
      assertThat(seen.all(Event.Socket.class))
          .anySatisfy(
              event -> {
                assertThat(event.use()).isEqualTo(Event.Socket.Use.CONNECT);
                assertThat(event.address()).contains(InetAddress.getLoopbackAddress());
                assertThat(event.port()).isEqualTo(server.getLocalPort());
                assertThat(event.transport()).isEqualTo("tcp");
              });
      assertThat(seen.all(Event.Opened.class))
          .extracting(Event.Opened::path, Event.Opened::access)
          .containsExactly(
              tuple(secret.toRealPath().toString(), Event.Opened.Access.READ),
              tuple(secret.toRealPath().toString(), Event.Opened.Access.WRITE));
    }
  }

  @Test
  void namesSystemCalls() throws IOException {
    SeenEvents seen = seen("/usr/bin/unshare", "--net", "/bin/true");
    assertThat(seen.all(Event.Called.class))
        .anySatisfy(
            event -> {
              assertThat(event.call()).isEqualTo("unshare");
              assertThat(event.result()).isZero();
              assertThat(event.arguments().getFirst()).isEqualTo(0x40000000L);
            });
  }

  /**
   * A dynamic linker maps code that nobody has written to; who makes code at run time has no file.
   */
  @Test
  void countsCodeThatWasWrittenOverAFile(@TempDir Path directory) throws IOException {
    Path file = Files.write(directory.resolve("code"), new byte[1 << 12]);
    String program =
        """
        import ctypes, mmap, sys
        file = open(sys.argv[1], "r+b")
        page = mmap.mmap(file.fileno(), 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_WRITE)
        if sys.argv[2] == "write":
            page[0] = 1
        at = ctypes.addressof(ctypes.c_char.from_buffer(page))
        sys.exit(ctypes.CDLL(None).mprotect(ctypes.c_void_p(at), 4096, mmap.PROT_READ | mmap.PROT_EXEC))
        """;
    assertThat(seen("/usr/bin/python3", "-c", program, file.toString(), "write").counts())
        .containsEntry("written-code", 1L);
    assertThat(seen("/usr/bin/python3", "-c", program, file.toString(), "leave").counts())
        .isEmpty();
  }

  @Test
  void killsWhoOpensTheMemoryOfAnotherOnceItsContainerRuns() throws IOException {
    String open = "exec 3</proc/" + ProcessHandle.current().pid() + "/mem; exit 0";
    for (boolean kills : List.of(true, false)) {
      SeenEvents seen = new SeenEvents();
      try (WatchedCgroup cgroup = new WatchedCgroup()) {
        Watching watching =
            source.watch(new Target(cgroup.path(), kills ? KILL_READERS : Set.of()), seen);
        assertThat(cgroup.run("/bin/sh", "-c", open)).as("while it starts").isZero();
        watching.started(1);
        assertThat(cgroup.run("/bin/sh", "-c", open)).isEqualTo(kills ? 137 : 0);
        watching.end();
      }
      assertThat(seen.all(Event.Opened.class))
          .filteredOn(event -> event.path().endsWith("/mem"))
          .extracting(event -> event.owner(), event -> event.stamp().effect())
          .containsExactly(
              tuple((int) ProcessHandle.current().pid(), Stamp.Effect.TOLD),
              tuple((int) ProcessHandle.current().pid(), kills ? killed() : Stamp.Effect.TOLD));
    }
  }

  /** LSM refuses it besides. */
  private Stamp.Effect killed() {
    return source.inForce().contains(ProgramGroup.LSM) ? Stamp.Effect.REFUSED : Stamp.Effect.KILLED;
  }

  @Test
  void tellsNothingOfWhatIsBesideAndNothingTwice() throws IOException {
    List<SeenEvents> seen = List.of(new SeenEvents(), new SeenEvents(), new SeenEvents());
    List<WatchedCgroup> cgroups = new ArrayList<>();
    List<Watching> watchings = new ArrayList<>();
    List<Process> processes = new ArrayList<>();
    for (int i = 0; i < seen.size(); i++) {
      cgroups.add(new WatchedCgroup());
      watchings.add(watch(source, cgroups.get(i), seen.get(i)));
    }
    processes.add(WatchedCgroup.start(List.of("/bin/sh", "-c", LOOP.formatted(200, "beside"))));
    for (int i = 0; i < seen.size(); i++) {
      processes.add(cgroups.get(i).start("/bin/sh", "-c", LOOP.formatted(200, "tag" + i)));
    }
    for (Process process : processes) {
      assertThat(WatchedCgroup.await(process)).isZero();
    }
    for (int i = 0; i < seen.size(); i++) {
      watchings.get(i).end();
      cgroups.get(i).close();
      assertThat(seen.get(i).losses()).isEmpty();
      String tag = "tag" + i + "-";
      assertThat(seen.get(i).commands().stream().skip(1))
          .containsExactlyElementsOf(
              IntStream.range(0, 200).mapToObj(n -> List.of("/bin/true", tag + n)).toList());
    }
  }

  @Test
  void accountsForEveryCommandOfAStorm() throws IOException {
    SeenEvents seen = seen("/bin/sh", "-c", LOOP.formatted(STORM, "storm"));
    assertThat(seen.commands().stream().skip(1))
        .containsExactlyElementsOf(
            IntStream.range(0, STORM).mapToObj(n -> List.of("/bin/true", "storm-" + n)).toList());
    assertThat(seen.all(Event.Forked.class)).hasSize(STORM + 1);
    assertThat(seen.all(Event.Exited.class)).hasSize(STORM + 1);
  }

  @Test
  void tellsWhatItLostAndWhy() throws IOException {
    CountDownLatch flooded = new CountDownLatch(1);
    SeenEvents seen = new SeenEvents();
    EventSource.Sink slow =
        new EventSource.Sink() {
          @Override
          public void event(Event event) {
            try {
              flooded.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            seen.event(event);
          }

          @Override
          public void lost(String what, long count) {
            seen.lost(what, count);
          }
        };
    try (BpfSource small = BpfSource.open(settings(1 << 20, 64 << 10, Optional.empty()));
        WatchedCgroup cgroup = new WatchedCgroup()) {
      Watching watching = watch(small, cgroup, slow);
      assertThat(cgroup.run("/bin/sh", "-c", LOOP.formatted(100, "flood"))).isZero();
      flooded.countDown();
      watching.end();
    }
    // Each command is a fork, an execution and an exit, and so is the shell.
    long lost = 3L * 101 - seen.all().size();
    assertThat(lost).isBetween(100L, 300L);
    assertThat(seen.losses())
        .containsExactly(lost + " events: the sandbox made them faster than they were read");
  }

  @Test
  void goesOnWhereASinkFails() throws IOException {
    SeenEvents seen = new SeenEvents();
    EventSource.Sink failing =
        new EventSource.Sink() {
          @Override
          public void event(Event event) {
            throw new IllegalStateException("on purpose");
          }

          @Override
          public void lost(String what, long count) {
            seen.lost(what, count);
          }
        };
    try (WatchedCgroup cgroup = new WatchedCgroup()) {
      Watching watching = watch(source, cgroup, failing);
      cgroup.run("/bin/true");
      watching.end();
    }
    assertThat(seen.losses().stream().mapToInt(loss -> Integer.parseInt(loss.split(" ")[0])).sum())
        .isEqualTo(3);
    assertThat(seen.losses()).allMatch(loss -> loss.contains("on purpose"));
    assertThat(seen("/bin/true").commands()).containsExactly(List.of("/bin/true"));
  }

  @Test
  void watchesMoreSandboxesThanThereAreSlotsOneAfterAnother() throws IOException {
    for (int i = 0; i < MORE_THAN_SLOTS; i++) {
      assertThat(seen("/bin/true", "number-" + i).commands())
          .containsExactly(List.of("/bin/true", "number-" + i));
    }
  }

  @Test
  void refusesACgroupThatIsNotThere() throws IOException {
    for (int i = 0; i < MORE_THAN_SLOTS; i++) {
      assertThatThrownBy(
              () -> source.watch(new Target("/mayfly-it-nobody", KILL_READERS), new SeenEvents()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("/mayfly-it-nobody");
    }
  }

  @Test
  void keepsKillingAfterItWasKilledUntilThePinsAreRemoved(@TempDir Path directory)
      throws IOException, InterruptedException {
    Path pins = directory.resolve("dead");
    String[] open = {
      "/bin/sh", "-c", "exec 3</proc/" + ProcessHandle.current().pid() + "/mem; exit 0"
    };
    try (WatchedCgroup cgroup = new WatchedCgroup()) {
      assertThat(cgroup.run(open)).isZero();
      Process child =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--enable-native-access=ALL-UNNAMED",
                  "--sun-misc-unsafe-memory-access=allow",
                  "-cp",
                  System.getProperty("java.class.path"),
                  BpfSourceChild.class.getName(),
                  pins.toString(),
                  cgroup.path())
              .redirectErrorStream(true)
              .start();
      try {
        assertThat(child.inputReader().lines().takeWhile(line -> !line.equals("ready")))
            .noneMatch(line -> line.contains("killed"));
        assertThat(cgroup.run(open)).isEqualTo(137);
        child.destroyForcibly().waitFor();
        assertThat(cgroup.run(open)).as("after its death").isEqualTo(137);
        assertThat(BpfPins.list(directory)).containsExactly(pins);
        assertThat(BpfPins.remove(pins)).isTrue();
        assertThat(BpfPins.remove(pins)).isFalse();
        assertThat(cgroup.run(open)).as("without pins").isZero();
      } finally {
        child.destroyForcibly().waitFor();
        BpfPins.remove(pins);
      }
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void unpinsWhatItPinned(@TempDir Path directory) throws IOException {
    Path pins = directory.resolve("supervisor");
    try (BpfSource pinned = BpfSource.open(settings(1 << 20, 1 << 18, Optional.of(pins)))) {
      assertThat(pinned.weaknesses()).hasSameSizeAs(source.weaknesses());
      try (Stream<Path> all = Files.list(pins)) {
        assertThat(all.map(pin -> pin.getFileName().toString()))
            .contains("slots", "events", "core-execed", "network-connect4", "syscalls-returned");
      }
    }
    assertThat(pins).doesNotExist();
  }
}
