package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.event.Event;
import dev.mayfly.event.Stamp;
import dev.mayfly.monitor.SandboxActivity;
import dev.mayfly.supervisor.SandboxMonitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What is seen of a job in a real sandbox, however it tries not to be. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MonitorIT {
  private static final int SANDBOXES = 16;
  private static final int COMMANDS = 50;
  private static final int SIGKILL = 9;

  private MonitorBed bed;

  @BeforeAll
  void start(@TempDir Path directory) {
    bed = new MonitorBed(directory);
  }

  @AfterAll
  void stop() {
    bed.close();
  }

  @Test
  void accountsForEveryArgumentOfAStormOfPrograms() {
    int programs = Site.fullSize() ? 50_000 : 5_000;

    MonitorBed.Seen seen =
        bed.run("for ((i = 0; i < %d; i++)); do /bin/true storm-$i; done".formatted(programs))
            .whole();

    Map<String, Long> told =
        seen.commandLines().stream()
            .filter(line -> line.startsWith("/bin/true storm-"))
            .collect(Collectors.groupingBy(line -> line, TreeMap::new, Collectors.counting()));
    assertThat(told).hasSize(programs);
    assertThat(told.values()).allMatch(count -> count == 1);
    SandboxActivity activity = seen.activity();
    long further =
        activity.further().stream().mapToLong(SandboxActivity.FurtherPrograms::count).sum();
    long listed = activity.processes().stream().mapToLong(one -> one.programs().size()).sum();
    assertThat(listed + further).isEqualTo(seen.commandLines().size());
  }

  @Test
  void tellsOfEachSandboxWhatItDidAndNothingElse() {
    List<CompletableFuture<MonitorBed.Seen>> running = new ArrayList<>();
    for (int i = 0; i < SANDBOXES; i++) {
      String script =
          "for ((i = 0; i < %d; i++)); do /bin/true tag-%d-$i & done; wait".formatted(COMMANDS, i);
      running.add(
          CompletableFuture.supplyAsync(
              () -> bed.run(script), task -> Thread.ofVirtual().start(task)));
    }
    for (int i = 0; i < SANDBOXES; i++) {
      int number = i;
      assertThat(running.get(i).join().whole().commandLines())
          .filteredOn(line -> line.startsWith("/bin/true tag-"))
          .containsExactlyInAnyOrderElementsOf(
              IntStream.range(0, COMMANDS)
                  .mapToObj(n -> "/bin/true tag-" + number + "-" + n)
                  .toList());
    }
  }

  @Test
  void keepsProcessesThatLeaveTheirParents() {
    MonitorBed.Seen seen =
        bed.run(
                """
                (setsid sh -c '(/bin/echo double-fork >/dev/null &) ; exit 0' &)
                nohup /bin/echo with-nohup >/dev/null 2>&1 &
                wait
                python3 - <<'P'
                import os, time
                if os.fork() == 0:
                    os.setsid()
                    if os.fork() == 0:
                        os.execv('/bin/echo', ['echo', 'daemon'])
                    os._exit(0)
                os.wait()
                P
                for i in 1 2 3 4 5 6 7 8 9; do /bin/true; done
                """)
            .whole();

    assertThat(seen.commandLines())
        .contains("/bin/echo double-fork", "/bin/echo with-nohup", "echo daemon");
  }

  @Test
  void readsArgumentsWhateverTheyHold() {
    MonitorBed.Seen seen =
        bed.run(
                """
                /bin/true $'caf\\xe9 \\xff' ''
                /bin/true "$(head -c 20000 /dev/zero | tr '\\0' a)" end
                /bin/true "$(head -c 40000 /dev/zero | tr '\\0' b)"
                python3 -c 'import os; os.execv("/bin/true", ["not-true", "renamed"])'
                """)
            .whole();

    List<Event.Executed> executed = seen.events(Event.Executed.class);
    assertThat(executed)
        .anyMatch(e -> e.arguments().equals(List.of("/bin/true", "caf\\xe9 \\xff", "")));
    assertThat(executed)
        .anyMatch(e -> e.arguments().size() == 3 && e.arguments().get(1).length() == 20_000);
    assertThat(executed)
        .filteredOn(e -> e.flaws().contains(Event.Executed.Flaw.ARGUMENTS_CUT))
        .singleElement()
        .satisfies(
            e -> assertThat(e.arguments().get(1)).startsWith("bbbb").hasSizeGreaterThan(30_000));
    assertThat(executed)
        .anyMatch(
            e ->
                e.arguments().equals(List.of("not-true", "renamed")) && e.path().endsWith("/true"));
  }

  @Test
  void seesProgramsThatHaveNoNameInAnyDirectory() {
    MonitorBed.Seen seen =
        bed.run(
                """
                cat >run.py <<'P'
                import os, shutil
                fd = os.memfd_create('ghost')
                with open('/bin/echo', 'rb') as f:
                    os.write(fd, f.read())
                if os.fork() == 0:
                    os.execve(fd, ['from-memory'], {})
                os.wait()
                shutil.copy('/bin/echo', '/workspace/gone')
                fd = os.open('/workspace/gone', os.O_RDONLY)
                os.unlink('/workspace/gone')
                if os.fork() == 0:
                    os.execve(fd, ['was-deleted'], {})
                os.wait()
                P
                python3 run.py
                """)
            .whole();

    assertThat(seen.events(Event.Executed.class))
        .filteredOn(
            e -> List.of(List.of("from-memory"), List.of("was-deleted")).contains(e.arguments()))
        .hasSize(2)
        .allMatch(e -> e.file().nameless());
    assertThat(seen.events(Event.Executed.class))
        .filteredOn(e -> e.path().equals("/usr/bin/cat"))
        .noneMatch(e -> e.file().nameless());
  }

  /** The names are not those that the job wrote, but those of what was written. */
  @Test
  void seesWritesOfWatchedFilesByWhateverName() {
    MonitorBed.Seen seen =
        bed.run(
                """
                mkdir -p /etc/cron.d
                ln -s /etc/cron.d alias
                echo x >alias/by-link
                cd /etc; echo x >cron.d/relative; cd - >/dev/null
                echo x >plain; mv plain /etc/cron.d/moved
                echo x >other; ln other hard 2>/dev/null; cp hard /etc/cron.d/copied
                python3 - <<'P'
                import ctypes, mmap, os
                fd = os.open('/etc/cron.d/mapped', os.O_RDWR | os.O_CREAT)
                os.ftruncate(fd, 4096)
                mmap.mmap(fd, 4096)[0:1] = b'x'
                fd = os.open('/etc/cron.d', os.O_TMPFILE | os.O_WRONLY)
                os.write(fd, b'x')
                libc = ctypes.CDLL(None)
                libc.linkat(-100, b'/proc/self/fd/%d' % fd, -100, b'/etc/cron.d/linked', 0x400)
                P
                mkdir elsewhere; echo x >elsewhere/job; echo x >not-watched
                """)
            .whole();

    List<String> written =
        seen.activity().files().stream()
            .filter(file -> !file.use().equals("read") && !file.use().equals("unlink"))
            .map(SandboxActivity.FileRecord::path)
            .toList();
    assertThat(written)
        .contains(
            "/etc/cron.d/by-link",
            "/etc/cron.d/relative",
            "/etc/cron.d/moved",
            "/etc/cron.d/copied",
            "/etc/cron.d/mapped",
            "/etc/cron.d/linked")
        .noneMatch(path -> path.contains("elsewhere") || path.contains("not-watched"));
  }

  @Test
  void tellsWhoWasReachedAndByWhom() {
    MonitorBed.Seen seen =
        bed.run(
                """
                python3 - <<'P'
                import socket
                server = socket.socket()
                server.bind(('127.0.0.1', 4711))
                server.listen()
                socket.create_connection(('127.0.0.1', 4711))
                socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 4712))
                # There may be no such address: it is tried all the same.
                socket.socket(socket.AF_INET6).connect_ex(('::1', 4711))
                P
                """)
            .whole();

    assertThat(seen.events(Event.Socket.class))
        .extracting(e -> e.use().word() + " " + e.transport() + " " + e.port())
        .contains("bind tcp 4711", "connect tcp 4711", "send udp 4712");
    assertThat(seen.events(Event.Socket.class))
        .filteredOn(e -> e.use() == Event.Socket.Use.CONNECT && e.port() == 4711)
        .extracting(e -> e.address().orElseThrow().getHostAddress())
        .containsExactlyInAnyOrder("127.0.0.1", "0:0:0:0:0:0:0:1");
  }

  /** What the profile refuses is told, too. */
  @Test
  void tellsCallsThatWereTried() {
    MonitorBed.Seen seen =
        bed.run(
                """
                python3 - <<'P'
                import ctypes
                libc = ctypes.CDLL(None, use_errno=True)
                libc.ptrace(16, 1, 0, 0)
                libc.unshare(0x10000000)
                libc.mount(b'none', b'/mnt', b'tmpfs', 0, None)
                libc.setsid()
                libc.prctl(15, b'kworker/0:1', 0, 0, 0)
                P
                """)
            .whole();

    assertThat(seen.events(Event.Called.class))
        .filteredOn(e -> e.result() < 0)
        .extracting(Event.Called::call)
        .contains("ptrace", "unshare", "mount");
    assertThat(seen.events(Event.Called.class)).extracting(Event.Called::call).contains("prctl");
  }

  @Test
  void endsWhoOpensTheMemoryOfAnotherInTheKernel(@TempDir Path directory) {
    Mayfly mayfly = Mayfly.onPrivateEngine(directory);
    String read = "sleep 60 & head -c1 /proc/$!/mem >/dev/null; echo survived; kill $!";

    Mayfly.Result killed = mayfly.exec("bash", "-c", read);

    assertThat(killed.exitCode()).as(killed.stderr()).isEqualTo(122);
    assertThat(killed.stderr()).contains("memory.other-memory").contains("the job is ended");

    Mayfly lenient =
        Mayfly.onPrivateEngine(
            directory, "policies: [{name: default, on-finding: {memory: audit}}]\n");
    Mayfly.Result recorded = lenient.exec("bash", "-c", read);
    assertThat(recorded.stdout()).isEqualTo("survived\n");
    assertThat(recorded.exitCode()).isZero();
    assertThat(recorded.stderr()).contains("memory.other-memory").contains("recorded");
  }

  /** What the kernel does for a supervisor outlives it, and goes with what it left. */
  @Test
  void takesThePinsOfAKilledSupervisorAway(@TempDir Path directory)
      throws IOException, InterruptedException {
    Mayfly mayfly = Mayfly.onPrivateEngine(directory);
    Path pinned;
    try (RunningExec exec = mayfly.startExec("sh", "-c", "echo ready; read _")) {
      exec.awaitLine("ready");
      try (Stream<Path> homes = Files.list(directory.resolve("state/sandboxes"))) {
        String sandbox = homes.findFirst().orElseThrow().getFileName().toString();
        pinned = SandboxMonitor.PINS.resolve(sandbox.replaceFirst("-.*", ""));
      }
      exec.signal(SIGKILL);
      exec.await();
    }
    assertThat(pinned).isNotEmptyDirectory();

    assertThat(mayfly.sweep().exitCode()).isZero();

    assertThat(pinned).doesNotExist();
  }

  @Test
  void saysWhatItDidNotWatch(@TempDir Path directory) {
    Mayfly mayfly =
        Mayfly.onPrivateEngine(directory, "policies: [{name: default, monitor: off}]\n");

    assertThat(mayfly.exec("true").exitCode()).isZero();

    assertThat(mayfly.lastReport().monitor()).isNull();
    assertThat(mayfly.lastReport().coverage().state()).isEqualTo("unproven");
    assertThat(mayfly.lastReport().coverage().reason()).contains("was not watched");
  }

  @Test
  void tellsNothingOfOthers() {
    MonitorBed.Seen seen = bed.run("sleep 0.2").whole();
    assertThat(seen.observations())
        .allMatch(one -> one.event().stamp().effect() == Stamp.Effect.TOLD);
    assertThat(seen.commandLines())
        .filteredOn(line -> !line.contains("mayfly-self-test-"))
        .containsExactly("bash job.sh", "sleep 0.2");
  }
}
