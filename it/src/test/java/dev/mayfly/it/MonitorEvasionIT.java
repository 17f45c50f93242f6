package dev.mayfly.it;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.mapping;
import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.github.dockerjava.api.model.Capability;
import dev.mayfly.event.Event;
import dev.mayfly.event.ProcessKey;
import dev.mayfly.monitor.SandboxActivity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What is told of a job that goes about it so that a monitor may not notice. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class MonitorEvasionIT {
  private static final long EPERM = -1;

  private MonitorBed bed;
  private Path probe;

  @BeforeAll
  void start(@TempDir Path directory) {
    probe = directory.resolve("probe");
    ProbeProgram.compileInto(probe, "evade", "-pthread");
    ProbeProgram.compileInto(probe, "evade32", "-m32", "-nostdlib");
    bed = new MonitorBed(directory);
  }

  @AfterAll
  void stop() {
    bed.close();
    assertThat(ControlContainer.leftovers()).isEmpty();
  }

  private MonitorBed.Seen seen(String script, String... needs) {
    return bed.run(script, Set.of(needs), Optional.of(probe)).whole();
  }

  /** The same where no filter is, with what a filter is not needed to refuse. */
  private Map<String, String> control(String way) {
    return MonitorBed.outcomes(
        ControlContainer.ofHostRoot(
                List.of(Capability.NET_RAW, Capability.DAC_READ_SEARCH),
                "no-new-privileges",
                "seccomp=unconfined")
            .run(probe, "sh", "-c", "./evade " + way + " && true")); // Not as PID 1.
  }

  /** Also one that shares memory, files or even the parent with who made it, and a thread. */
  @Test
  void tellsWhatChildrenOfAnyKindExecute() {
    Map<String, String> control = control("children");
    assertThat(control).hasSize(10);
    assertThat(control.values()).containsOnly("OK");

    MonitorBed.Seen seen = seen("./evade children");

    Set<String> made = new HashSet<>(control.keySet());
    made.remove("clone3");
    assertThat(seen.outcomes()).containsEntry("clone3", "ENOSYS");
    assertThat(seen.outcomes()).containsOnlyKeys(control.keySet());
    List<Event.Executed> children = seen.executed("true");
    assertThat(children)
        .extracting(child -> child.arguments().get(1))
        .containsExactlyInAnyOrderElementsOf(made);
    ProcessKey maker = seen.executed("evade").getFirst().stamp().process();
    assertThat(seen.events(Event.Forked.class))
        .filteredOn(fork -> fork.stamp().process().equals(maker))
        .extracting(Event.Forked::child)
        .containsExactlyInAnyOrderElementsOf(
            children.stream().map(child -> child.stamp().process()).toList());
  }

  /** By the 32-bit numbers, too: the names are of that table. */
  @Test
  void tellsWhatTheFilterRefused() {
    Map<String, String> control = control("refused");
    assertThat(control).hasSize(11).doesNotContainValue("EPERM");

    MonitorBed.Seen seen = seen("./evade refused");

    assertThat(seen.outcomes()).containsOnlyKeys(control.keySet());
    assertThat(seen.outcomes().values()).containsOnly("EPERM");
    assertThat(seen.events(Event.Called.class))
        .filteredOn(call -> call.result() == EPERM)
        .extracting(call -> call.abi() + " " + call.call())
        .containsExactlyInAnyOrder(
            "NATIVE io_uring_setup",
            "NATIVE open_by_handle_at",
            "NATIVE socket",
            "NATIVE socket",
            "NATIVE clone",
            "COMPAT ptrace",
            "COMPAT mount",
            "COMPAT unshare",
            "COMPAT io_uring_setup",
            "COMPAT open_by_handle_at",
            "COMPAT socket");
    assertThat(seen.rules())
        .contains(
            "escape.io-uring",
            "escape.file-handle",
            "escape.packet-socket",
            "escape.name-space-made",
            "escape.mount",
            "memory.ptrace-attach",
            "evasion.other-abi");
  }

  @Test
  void tellsWhat32BitCallsAndProgramsDo() {
    MonitorBed.Seen seen = seen("mkdir -p /etc/cron.d; ./evade 32-bit; ./evade32");

    assertThat(seen.outcomes())
        .containsOnly(Map.entry("32:open", "OK"), Map.entry("32:execve", "OK"));
    assertThat(seen.written()).contains("/etc/cron.d/by-int80", "/etc/cron.d/by-evade32");
    assertThat(seen.commandLines())
        .contains("/bin/true by-int80", "./evade32", "/bin/true by-evade32");
  }

  /** Where it is allowed; what is refused of it is told with the other calls. */
  @Test
  void tellsWhatARingMakesAndReaches() {
    MonitorBed.Seen seen = seen("mkdir -p /etc/cron.d; ./evade ring", "allow-io-uring");

    assertThat(seen.outcomes())
        .containsEntry("ring", "OK")
        .containsEntry("ring-open", "OK")
        .containsEntry("ring-connect", "ECONNREFUSED");
    assertThat(seen.events(Event.Called.class))
        .filteredOn(call -> call.call().equals("io_uring_setup"))
        .singleElement()
        .satisfies(call -> assertThat(call.result()).isPositive());
    assertThat(seen.events(Event.Changed.class))
        .extracting(Event.Changed::change, Event.Changed::path)
        .contains(tuple(Event.Changed.Change.CREATE, "/etc/cron.d/by-ring"));
    assertThat(seen.events(Event.Socket.class))
        .extracting(Event.Socket::use, Event.Socket::port)
        .contains(tuple(Event.Socket.Use.CONNECT, 4713));
    assertThat(seen.rules()).contains("escape.io-uring", "persistence.cron");
  }

  /** The tracer changes what the shell is about to execute: what it did execute is told. */
  @Test
  void tellsOfAShellThatItsParentTraces() {
    MonitorBed.Seen refused = seen("./evade trace");
    MonitorBed.Seen traced = seen("./evade trace", "allow-ptrace");

    assertThat(refused.outcomes()).containsOnly(Map.entry("trace", "EPERM"));
    assertThat(refused.events(Event.Called.class))
        .filteredOn(call -> call.call().equals("ptrace"))
        .extracting(Event.Called::result)
        .containsExactly(EPERM);
    assertThat(traced.outcomes())
        .containsOnly(Map.entry("trace", "OK"), Map.entry("rewrite", "OK"));
    assertThat(traced.events(Event.Called.class))
        .filteredOn(call -> call.call().equals("ptrace"))
        .hasSizeGreaterThan(5)
        .allMatch(call -> call.result() >= 0);
    assertThat(traced.commandLines())
        .contains("/bin/true poisoned")
        .doesNotContain("/bin/true harmless");
    assertThat(traced.rules()).contains("memory.ptrace-write");
  }

  /** One's own memory is told when it is opened for writing; another's ends who opens it. */
  @Test
  void tellsOfOnesOwnMemoryAndKillsForAnothers(@TempDir Path directory) {
    List<String> options = List.of("--workspace", probe.toString());
    Mayfly lenient =
        Mayfly.onPrivateEngine(
            directory, "policies: [{name: default, on-finding: {memory: audit}}]\n");
    Mayfly.Result control = lenient.execWith(options, "./evade", "memory");

    Mayfly.Result killed = Mayfly.onPrivateEngine(directory).execWith(options, "./evade", "memory");

    assertThat(control.stdout()).as(control.stderr()).isEqualTo("own\tOK\nsurvived\tOK\n");
    assertThat(killed.stdout()).isEqualTo("own\tOK\n");
    assertThat(killed.exitCode()).isEqualTo(122);
    assertThat(killed.stderr().lines())
        .anyMatch(line -> line.contains("memory.own-memory-written") && line.contains("recorded"))
        .anyMatch(line -> line.contains("memory.other-memory") && line.contains("is ended"));
  }

  /** That the trick worked, its effect tells: the last program of each. */
  @Test
  void tellsWhatInterpretersAreGivenAndDo() {
    MonitorBed.Seen seen =
        seen(
            """
            printf '#!/bin/sh\\nexec /bin/true by-script "$0"\\n' >inner
            printf '#!/workspace/inner\\n' >outer
            chmod +x inner outer
            ./outer
            (exec 7<inner; sh /proc/self/fd/7)
            python3 - <<'P'
            import os
            fd = os.open('inner', os.O_RDONLY)
            os.set_inheritable(fd, True)
            os.execve(fd, ['innocent'], {})
            P
            bash -c 'exec /bin/true by-bash'
            python3 -c 'import os; os.execv("/bin/true", ["/bin/true", "by-python"])'
            perl -e 'exec "/bin/true", "by-perl"'
            awk 'BEGIN { system("exec /bin/true by-awk") }'
            echo 'exec /bin/true by-stdin' | sh
            source <(echo '/bin/true by-source')
            /lib64/ld-linux-x86-64.so.2 /bin/true by-loader
            """);

    assertThat(seen.commandLines())
        .contains(
            "/bin/sh /workspace/inner ./outer",
            "/bin/true by-script /workspace/inner",
            "sh /proc/self/fd/7",
            "/bin/true by-script /proc/self/fd/7",
            "bash -c exec /bin/true by-bash",
            "/bin/true by-bash",
            "/bin/true by-python",
            "/bin/true by-perl",
            "/bin/true by-awk",
            "sh",
            "/bin/true by-stdin",
            "/bin/true by-source",
            "/lib64/ld-linux-x86-64.so.2 /bin/true by-loader");
    assertThat(seen.commandLines()).anyMatch(line -> line.matches("/bin/sh /dev/fd/[0-9]+"));
    assertThat(seen.commandLines())
        .anyMatch(line -> line.matches("/bin/true by-script /dev/fd/[0-9]+"));
    assertThat(seen.executed("dash"))
        .filteredOn(event -> event.called().equals("./outer"))
        .hasSize(1);
  }

  @Test
  void keepsWhatAProcessWasStartedWithWhateverItMakesOfIt() {
    MonitorBed.Seen seen = seen("mkdir -p /etc/cron.d; ./evade hide canary");

    assertThat(seen.outcomes().values()).containsExactly("OK", "OK");
    assertThat(seen.commandLines()).contains("./evade hide canary");
    assertThat(seen.observations())
        .filteredOn(
            one ->
                one.event() instanceof Event.Opened opened
                    && opened.path().equals("/etc/cron.d/by-hidden"))
        .singleElement()
        .satisfies(
            one -> {
              assertThat(one.actor().arguments()).containsExactly("./evade", "hide", "canary");
              assertThat(one.event().stamp().name()).isEqualTo("innocent");
            });
  }

  /** By the name that is watched, whichever of a file's names was used, and however many it has. */
  @Test
  void findsWhatIsWrittenByOtherNamesOfWatchedFiles() {
    MonitorBed.Seen seen =
        seen(
            """
            mkdir -p /etc/cron.d /var/d; : >/etc/cron.d/job; : >/etc/cron.d/other
            for i in {1..40}; do ln /etc/cron.d/job /var/innocent-$i; done
            : >/var/plain; ln /var/plain /var/plainer
            echo x | tee -a /var/innocent-1 /var/innocent-40 /var/plainer
            mv /etc/cron.d/other /var/moved; echo x >>/var/moved; mv /var/moved /etc/cron.d/back
            rm -rf /etc/cron.daily; mv /var/d /etc/cron.daily
            rm -rf /etc/cron.weekly; ln -s /var /etc/cron.weekly
            """);

    assertThat(seen.activity().files())
        .filteredOn(file -> file.program().endsWith("/tee"))
        .extracting(
            SandboxActivity.FileRecord::path,
            SandboxActivity.FileRecord::use,
            SandboxActivity.FileRecord::count)
        .containsExactly(tuple("/etc/cron.d/job", "write", 2L));
    assertThat(seen.ran().result().findings())
        .filteredOn(finding -> finding.rule().equals("persistence.cron"))
        .anyMatch(finding -> finding.process().contains("tee"));
    assertThat(seen.events(Event.Changed.class))
        .extracting(Event.Changed::change, Event.Changed::path)
        .contains(
            tuple(Event.Changed.Change.RENAME, "/var/moved"),
            tuple(Event.Changed.Change.RENAME, "/etc/cron.d/back"),
            tuple(Event.Changed.Change.RENAME, "/etc/cron.daily"),
            tuple(Event.Changed.Change.SYMLINK, "/etc/cron.weekly"));
  }

  /** Mounts change what a file is called, not whether its opening is told. */
  @Test
  void tellsWhatIsDoneBehindMountsAndInNameSpaces() {
    MonitorBed.Seen seen =
        seen(
            """
            mkdir cron.d plain; : >cron.d/job; : >file
            unshare --user --map-root-user --mount --pid --fork bash -c '
              mount --bind cron.d plain; mount --bind cron.d/job file
              echo x >plain/by-directory; echo x >file; echo x >unwatched
              exec /bin/true in-name-spaces'
            """,
            "user",
            "allow-userns");

    assertThat(seen.written())
        .contains("/workspace/plain/by-directory", "/workspace/file")
        .doesNotContain("/workspace/unwatched");
    assertThat(seen.commandLines()).contains("/bin/true in-name-spaces");
    assertThat(seen.rules()).contains("escape.mount", "escape.name-space-made");
  }

  /** With the kernel's default of 32,768 numbers; where there are millions it takes minutes. */
  @Test
  void tellsProcessesApartThatHadTheSameNumber() throws IOException {
    String numbers = Files.readAllLines(Path.of("/proc/sys/kernel/pid_max")).getFirst();

    MonitorBed.Seen seen = seen("./evade pids=" + numbers);

    List<Event.Executed> all = seen.executed("true");
    assertThat(all).hasSize(Integer.parseInt(seen.outcomes().get("made")));
    Map<Integer, Set<ProcessKey>> byNumber =
        all.stream()
            .map(event -> event.stamp().process())
            .collect(groupingBy(ProcessKey::pid, mapping(Function.identity(), toSet())));
    assertThat(byNumber.values()).anyMatch(keys -> keys.size() > 1);
    assertThat(byNumber.values().stream().mapToInt(Set::size).sum()).isEqualTo(all.size());
    Map<Long, Long> programs =
        seen.activity().processes().stream()
            .filter(one -> one.programs().stream().anyMatch(p -> p.path().endsWith("/true")))
            .collect(groupingBy(one -> (long) one.programs().size(), counting()));
    assertThat(programs).containsOnly(Map.entry(1L, (long) all.size()));
  }
}
