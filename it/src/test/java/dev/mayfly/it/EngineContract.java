package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What holds for one command in a sandbox on every engine that Mayfly works with. */
@ExtendWith(EgressWorld.Shared.class)
abstract class EngineContract {
  private final TestEngine engine;
  private final Path directory;
  private final Mayfly mayfly;

  EngineContract(TestEngine engine, Path directory) {
    this.engine = engine;
    this.directory = directory;
    this.mayfly = Mayfly.on(engine, directory, "");
  }

  final Mayfly mayfly() {
    return mayfly;
  }

  final Mayfly mayfly(String policies) {
    return Mayfly.on(engine, directory, policies);
  }

  @AfterEach
  final void leavesNothing() {
    assertThat(Leftovers.of(engine.socket(), directory.resolve("state"))).isEmpty();
  }

  @Test
  void passesOutputAndExitCodeOn() {
    Mayfly.Result result = mayfly.exec("sh", "-c", "echo out; echo err >&2; exit 7");

    assertThat(result.stdout()).isEqualTo("out\n");
    assertThat(result.stderr()).isEqualTo("err\n");
    assertThat(result.exitCode()).isEqualTo(7);
  }

  @Test
  void givesAShellsCodesForWhatCannotBeExecuted() {
    Mayfly.Result missing = mayfly.exec("no-such-command");
    Mayfly.Result directory = mayfly.exec("/usr");

    assertThat(missing.exitCode()).isEqualTo(127);
    assertThat(missing.stderr()).startsWith("mayfly: no-such-command: not found in the sandbox");
    assertThat(directory.exitCode()).isEqualTo(126);
  }

  @Test
  void passesBinaryInputThroughUnchanged() {
    byte[] bytes = new byte[10 << 20];
    new Random(7).nextBytes(bytes);

    Mayfly.Result result =
        mayfly.run(
            new ByteArrayInputStream(bytes),
            List.of("exec", "--config", mayfly.config().toString(), "--", "cat"));

    assertThat(result.stdoutBytes()).isEqualTo(bytes);
  }

  @Test
  void endsWhatTheCommandLeftRunning() {
    Mayfly.Result result = mayfly.exec("sh", "-c", "setsid sleep 1000 & echo started");

    assertThat(result.stdout()).isEqualTo("started\n");
    assertThat(result.exitCode()).isZero();
  }

  @Test
  void keepsPid1OutOfReachWhileTheJobsOwnProcessesAreInReach() {
    Mayfly.Result result =
        mayfly.exec(
            "sh",
            "-c",
            "sleep 1000 & cat /proc/$!/environ >/dev/null && echo control-read;"
                + " cat /proc/1/environ >/dev/null 2>&1 || echo refused;"
                + " kill -9 1; echo alive; kill -9 $! && echo control-killed");

    assertThat(result.stdout().lines())
        .containsExactly("control-read", "refused", "alive", "control-killed");
  }

  @Test
  void boundsTheDisk() {
    Mayfly small = mayfly("policies: [{name: default, limits: {disk: 64MiB, inodes: 2000}}]\n");

    Mayfly.Result result =
        small.exec(
            "sh",
            "-c",
            "head -c 10M /dev/zero > control && echo fits;"
                + " head -c 100M /dev/zero > /var/tmp/big || echo full");

    assertThat(result.stdout()).isEqualTo("fits\nfull\n");
    assertThat(result.stderr()).contains("No space left on device");
  }

  @Test
  void endsASandboxAtItsLifetime() {
    Mayfly brief = mayfly("policies: [{name: default, limits: {lifetime: 2s}}]\n");

    Mayfly.Result result = brief.exec("sleep", "1000");

    assertThat(result.exitCode()).isEqualTo(124);
    assertThat(result.stderr()).contains("reached its lifetime");
  }

  @Test
  void refusesAnImageThatIsNotThereInOneLine() {
    Mayfly never = mayfly("policies: [{name: default, pull: never}]\n");

    Mayfly.Result result = never.execWith(List.of("--image", "no-such-image:v1"), "true");

    assertThat(result.exitCode()).isEqualTo(125);
    assertThat(result.stderr().lines()).hasSize(1).allMatch(line -> line.contains("pull: never"));
  }

  @Test
  void startsNothingWithAWrongConfiguration() {
    Mayfly wrong = mayfly("polices: []\n");

    Mayfly.Result result = wrong.exec("true");

    assertThat(result.exitCode()).isEqualTo(78);
    assertThat(result.stderr()).contains("did you mean \"policies\"?");
  }

  @Test
  void copiesTheWorkspaceInForTheJobsUserAndOut() throws IOException {
    Path source = Files.createDirectory(directory.resolve("source"));
    Files.writeString(source.resolve("given"), "given\n");
    Path kept = directory.resolve("kept");

    Mayfly.Result result =
        mayfly.execWith(
            List.of("--workspace", source.toString(), "--keep-workspace", kept.toString()),
            "sh",
            "-c",
            "stat -c %U given; id -un; echo made > made");

    assertThat(result.stdout().lines().distinct()).hasSize(1);
    assertThat(kept.resolve("given")).hasContent("given\n");
    assertThat(kept.resolve("made")).hasContent("made\n");
  }

  /** All three layers: packets, names, and TLS names at the gate. */
  @Test
  void reachesWhatThePolicyAllowsAndNothingElse(EgressWorld world) {
    Mayfly networked =
        mayfly(
            """
            network: {dns-servers: [%s]}
            policies:
              - name: default
                egress: {mode: allowlist, allow: ["good.cdn.test:443"], refuse-ranges: %s}
            """
                .formatted(EgressWorld.NAME_SERVER, EgressWorld.REFUSED_RANGES));
    Path probe = EgressAttempts.probeIn(directory.resolve("probe"));

    EgressAttempts tried =
        EgressAttempts.ofJob(
            networked,
            "default",
            probe,
            "cdn-good",
            "direct-ip",
            "attacker-port",
            "name-other",
            "fronting-sni");
    EgressReport report = EgressReport.last(networked);

    assertThat(tried.resultOf("cdn-good")).isEqualTo("CONNECTED");
    assertThat(tried.resultOf("direct-ip")).isEqualTo("ECONNREFUSED");
    assertThat(tried.resultOf("attacker-port")).isEqualTo("ECONNREFUSED");
    assertThat(tried.resultOf("name-other")).isEqualTo("EAI_NONAME");
    assertThat(tried.resultOf("fronting-sni")).isNotEqualTo("CONNECTED");
    assertThat(report.connection("tcp", EgressWorld.CDN, 443, "allowed")).isPresent();
    assertThat(report.connection("tcp", EgressWorld.DIRECT, 443, "refused")).isPresent();
    Evidence evidence = world.evidence();
    assertThat(evidence.holds(tried.get("cdn-good").canary())).isTrue();
    for (String attempt : List.of("direct-ip", "attacker-port", "name-other", "fronting-sni")) {
      assertThat(evidence.holds(tried.get(attempt).canary())).as(attempt).isFalse();
    }
  }

  @Test
  void refusesAnImageWhoseRegistryIsNotThereInOneLine() {
    Mayfly.Result result = mayfly.execWith(List.of("--image", "127.0.0.1:1/none:v1"), "true");

    assertThat(result.exitCode()).isEqualTo(125);
    assertThat(result.stderr().lines()).hasSize(1);
    assertThat(result.stderr())
        .contains(
            "refused: pull image 127.0.0.1:1/none:v1: ", "refused; check the name, the registry");
  }

  @Test
  void boundsProcessesAndMemoryAndTellsOfWhatWasKilled() {
    Mayfly small =
        mayfly("policies: [{name: default, limits: {pids: 32, memory: 128MiB, cpus: 1}}]\n");

    Mayfly.Result result =
        small.exec(
            "python3",
            "-c",
            """
            import errno, os, signal
            made = 0
            try:
                while made < 100:
                    if os.fork() == 0: signal.pause()
                    made += 1
            except OSError as failure:
                print(errno.errorcode[failure.errno], made, flush=True)
            print(len(b"x" * (64 << 20)) >> 20, flush=True)
            print(len(b"x" * (256 << 20)))
            """);

    assertThat(result.stdout()).isEqualTo("EAGAIN 30\n64\n");
    assertThat(result.exitCode()).isEqualTo(137);
    assertThat(result.stderr()).contains("memory limit of 128MiB");
  }

  @Test
  void endsProcessesThatDetachedAndIgnoreSignalsAndVerifiesIt() {
    Mayfly.Result result =
        mayfly.exec(
            "python3",
            "-c",
            """
            import os, signal, time
            for number in set(range(1, 65)) - {signal.SIGCHLD}:
                try: signal.signal(number, signal.SIG_IGN)
                except (OSError, ValueError): pass
            for _ in range(50):
                if os.fork() == 0:
                    os.setsid()
                    while True: time.sleep(1000)
            print("detached", flush=True)
            """);

    assertThat(result.stdout()).isEqualTo("detached\n");
    assertThat(result.exitCode()).isZero();
    assertThat(mayfly.lastReport().teardown().verified()).isTrue();
  }

  @Test
  void passesTheFirstSignalOnAndEndsTheJobAtTheSecond() throws IOException, InterruptedException {
    String trap = "trap 'echo caught' TERM; echo ready; while :; do sleep 1000 & wait; done";
    try (RunningExec exec = mayfly.startExec("sh", "-c", trap)) {
      exec.awaitLine("ready");
      exec.signal(15);
      exec.awaitLine("caught");
      exec.signal(15);

      assertThat(exec.await().exitCode()).isEqualTo(143);
    }
    assertThat(mayfly.lastReport().teardown().verified()).isTrue();
  }

  @Test
  void givesTheCommandATerminalWhereThereIsOne() throws IOException, InterruptedException {
    TerminalIT.Session session =
        TerminalIT.inTerminal(
            List.of(List.of("expect", "ready"), List.of("type", "typed\n")),
            TerminalIT.line(
                mayfly,
                "sh",
                "-c",
                "test -t 0 && test -t 1 && stty size; echo ready; read word; exit 5"));

    assertThat(session.lines()).containsExactly("33 99", "ready", "typed");
    assertThat(session.code()).isEqualTo(5);
    assertThat(session.restored()).isTrue();
  }

  @Test
  void tellsOfWhatCannotBeDestroyedAndDestroysItAtTheNextStart()
      throws IOException, InterruptedException {
    try (RunningExec exec = mayfly.startExec("sh", "-c", "echo ready; read _")) {
      exec.awaitLine("ready");
      Path home;
      try (Stream<Path> homes = Files.list(directory.resolve("state/sandboxes"))) {
        home = homes.findFirst().orElseThrow();
      }
      try (Immutable _ = Immutable.make(Files.createFile(home.resolve("obstacle")))) {
        exec.endInput();
        Mayfly.Result result = exec.await();

        assertThat(result.exitCode()).isEqualTo(123);
        assertThat(result.stderr()).startsWith("mayfly: NOT CLEAN: ").contains("directory");
      }
    }
    String left = mayfly.lastReport().sandbox();
    assertThat(mayfly.exec("true").stderr()).contains(left, "was destroyed: directory ");
  }

  @Test
  void runsSeveralSupervisorsAtOnceEachWithItsOwnResult() throws IOException, InterruptedException {
    String script = "echo ready; read word; echo $1 $word; exit $1";
    List<RunningExec> jobs = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        jobs.add(mayfly.startExec("sh", "-c", script, "job", Integer.toString(i)));
      }
      for (RunningExec job : jobs) {
        job.awaitLine("ready");
      }
      for (int i = 0; i < 3; i++) {
        jobs.get(i).input(("word" + i + "\n").getBytes(StandardCharsets.UTF_8));
        Mayfly.Result result = jobs.get(i).await();

        assertThat(result.stdout()).as(result.stderr()).isEqualTo(i + " word" + i + "\n");
        assertThat(result.exitCode()).isEqualTo(i);
        assertThat(result.stderr()).isEmpty();
      }
    } finally {
      jobs.forEach(RunningExec::close);
    }
  }

  @Test
  void destroysWhatAKilledSupervisorLeft() throws IOException, InterruptedException {
    Process victim =
        mayfly.start(
            List.of(
                "exec", "--config", mayfly.config().toString(), "--", "sh", "-c", "echo up; cat"));
    assertThat(victim.inputReader().readLine()).isEqualTo("up");
    victim.destroyForcibly().waitFor();

    Mayfly.Result next = mayfly.exec("true");

    assertThat(next.stderr())
        .contains("lost by a supervisor that died, was destroyed: container ", "directory ");
    assertThat(next.exitCode()).isZero();
  }
}
