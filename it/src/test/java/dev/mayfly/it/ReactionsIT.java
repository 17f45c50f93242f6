package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.linux.Mounts;
import dev.mayfly.report.Report;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a policy's {@code on-finding} does to a job that does what it is about. */
final class ReactionsIT {
  private static final int STOPPED = 122;
  private static final int REFUSED = 125;

  /** Each attempt in a process of its own, so that the job can tell what came of it. */
  private static final String READS_A_SECRET =
      """
      mkdir -p ~/.aws && echo CANARY >~/.aws/credentials && echo CANARY >~/plain
      cat ~/plain
      cat ~/.aws/credentials
      ln ~/.aws/credentials ~/linked 2>/dev/null && cat ~/linked
      echo went on
      """;

  private static final String WRITES_A_JOB =
      """
      mkdir -p /etc/cron.d && echo kept >/etc/cron-not.d
      sh -c 'echo evil >/etc/cron.d/evil'
      sh -c 'exec 3<>/etc/cron.d/other && echo evil >&3'
      cat /etc/cron-not.d /etc/cron.d/evil /etc/cron.d/other 2>/dev/null
      echo went on
      """;

  private final Path directory;

  ReactionsIT(@TempDir Path directory) {
    this.directory = directory;
  }

  @AfterEach
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  private Mayfly reacting(String onFinding, String more) {
    return Mayfly.onPrivateEngine(
        directory,
        "policies: [{name: default, identity: root, on-finding: {%s}%s}]\n"
            .formatted(onFinding, more));
  }

  private Mayfly.Result run(String onFinding, String script) {
    return reacting(onFinding, "").exec("bash", "-c", script);
  }

  private static List<String> rules(Report report) {
    return report.findings().stream().map(finding -> finding.rule()).toList();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void readsSecretsWhereThePolicySaysNothing() {
    Mayfly.Result result = run("", READS_A_SECRET);

    assertThat(result.stdout()).isEqualTo("CANARY\n".repeat(3) + "went on\n");
    assertThat(result.exitCode()).isZero();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void keepsSecretsFromBeingReadAndLetsTheJobGoOn() {
    Mayfly.Result result = run("credentials: block", READS_A_SECRET);

    assertThat(result.stdout()).isEqualTo("CANARY\nwent on\n");
    assertThat(result.exitCode()).isZero();
    assertThat(result.stderr())
        .contains("finding credentials.stopped (medium)", "/root/.aws/credentials", "; stopped; ");
    Report report = reacting("credentials: block", "").lastReport();
    assertThat(rules(report)).contains("credentials.stopped");
    assertThat(report.findings())
        .filteredOn(finding -> finding.rule().equals("credentials.stopped"))
        .allMatch(finding -> finding.reaction().equals("block"));
    assertThat(report.coverage().state()).isEqualTo("proven");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void endsTheJobOfWhoReadsASecret() {
    Mayfly.Result result = run("credentials: kill", READS_A_SECRET + "sleep 60\n");

    assertThat(result.exitCode()).isEqualTo(STOPPED);
    assertThat(result.stdout()).startsWith("CANARY\n").doesNotContain("CANARY\nCANARY");
    assertThat(result.stderr()).contains("finding credentials.stopped", "the job is ended");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void writesJobsWhereThePolicySaysNothing() {
    Mayfly.Result result = run("", WRITES_A_JOB);

    assertThat(result.stdout()).isEqualTo("kept\nevil\nevil\nwent on\n");
    assertThat(result.stderr()).contains("finding persistence.cron", "; recorded; ");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void keepsWhatIsStartedLaterFromBeingWritten() {
    Mayfly.Result result = run("persistence: block", WRITES_A_JOB);

    assertThat(result.stdout()).isEqualTo("kept\nwent on\n");
    assertThat(result.exitCode()).isZero();
    assertThat(result.stderr()).contains("finding persistence.stopped", "/etc/cron.d/evil");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void doesWhatIsSaidOfOneRule() {
    Mayfly.Result result = run("rules: {persistence.cron: kill}", WRITES_A_JOB + "sleep 60\n");

    assertThat(result.exitCode()).isEqualTo(STOPPED);
    assertThat(result.stderr()).contains("finding persistence.cron", "the job is ended");
    assertThat(
            run("persistence: kill, rules: {persistence.cron: audit}", READS_A_SECRET).exitCode())
        .as("control: another job")
        .isZero();
  }

  @Test
  void refusesAPolicyThatSpeaksOfNoRule() {
    Mayfly.Result result = run("rules: {persistence.corn: kill}", "echo ran");

    assertThat(result.exitCode()).isEqualTo(REFUSED);
    assertThat(result.stdout()).isEmpty();
    assertThat(result.stderr())
        .contains(
            "policy default: on-finding names the rule persistence.corn, which there is not;"
                + " did you mean persistence.cron?");
  }

  /**
   * A kernel of which nothing is known cannot take the programs: the host then has the fallback.
   * The disks of sandboxes are mounted below the test's directory, where the engine has to see
   * them.
   */
  private Mayfly.Result withoutBpf(Mayfly mayfly, String script) throws IOException {
    Path launcher =
        Files.writeString(
            directory.resolve("launcher"),
            """
            #!/bin/sh
            exec unshare --mount --propagation unchanged -- sh -c '
              mount --make-rprivate /sys && mount -t tmpfs none /sys/kernel/btf && exec "$@"
            ' sh %s "$@"
            """
                .formatted(Site.launcher()));
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
    must("mount", "--bind", directory.toString(), directory.toString());
    try {
      must("mount", "--make-shared", directory.toString());
      return mayfly
          .installedAs(launcher)
          .run(InputStream.nullInputStream(), mayfly.execLine(List.of(), "bash", "-c", script));
    } finally {
      Mounts.detach(directory);
    }
  }

  private static void must(String... command) throws IOException {
    assertThat(new ProcessBuilder(command).inheritIO().start().onExit().join().exitValue())
        .as(String.join(" ", command))
        .isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"credentials: block", "persistence: kill"})
  void refusesAJobWhereTheKernelCannotDoIt(String onFinding) throws IOException {
    Mayfly.Result result = withoutBpf(reacting(onFinding, ""), "echo ran");

    assertThat(result.exitCode()).as(result.stderr()).isEqualTo(REFUSED);
    assertThat(result.stdout()).isEmpty();
    assertThat(result.stderr())
        .contains("monitor is not in force: on-finding says block or kill", "monitor: best");
  }

  @Test
  void doesWithWhatTheHostHasWhereThePolicySaysBest() throws IOException {
    Mayfly mayfly = reacting("credentials: block", ", monitor: best");
    Mayfly.Result result = withoutBpf(mayfly, "echo ran");

    assertThat(result.stdout()).as(result.stderr()).isEqualTo("ran\n");
    assertThat(mayfly.lastReport().coverage().reason())
        .contains("on-finding says block or kill of credentials, memory or persistence");
  }

  @Test
  void watchesWithTheFallbackWhereThatIsAllThereIs() throws IOException {
    Mayfly mayfly = reacting("", "");
    Mayfly.Result result = withoutBpf(mayfly, "/bin/echo ran");

    assertThat(result.stdout()).as(result.stderr()).isEqualTo("ran\n");
    assertThat(mayfly.lastReport().coverage().state()).isEqualTo("unproven");
  }
}
