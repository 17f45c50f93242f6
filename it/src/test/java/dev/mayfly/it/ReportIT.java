package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.report.Report;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** A report says what really was. */
final class ReportIT {
  private static final String SHA256 = "sha256:[0-9a-f]{64}";

  private final Path directory;
  private final Mayfly mayfly;

  ReportIT(@TempDir Path directory) {
    this.directory = directory;
    this.mayfly = Mayfly.onPrivateEngine(directory);
  }

  @AfterEach
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  private Mayfly.Result report(String... arguments) {
    List<String> line = new ArrayList<>(List.of("report", "--config", mayfly.config().toString()));
    line.addAll(List.of(arguments));
    return mayfly.run(InputStream.nullInputStream(), line);
  }

  private static Report.SpanPart span(Report report, String name) {
    List<Report.SpanPart> found =
        report.timeline().stream().filter(part -> part.name().equals(name)).toList();
    assertThat(found).as(name).hasSize(1);
    return found.getFirst();
  }

  private static void assertNested(Report.SpanPart outer, Report.SpanPart inner) {
    assertThat(inner.startNs()).as(inner.name()).isGreaterThanOrEqualTo(outer.startNs());
    assertThat(inner.startNs() + inner.durationNs())
        .as(inner.name())
        .isLessThanOrEqualTo(outer.startNs() + outer.durationNs());
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void tellsHowAJobRan() {
    Mayfly.Result result = mayfly.exec("sh", "-c", "exit 3");

    Report report = mayfly.lastReport();
    assertThat(result.exitCode()).isEqualTo(3);
    assertThat(report.outcome().kind()).isEqualTo("exited");
    assertThat(report.outcome().reason()).isNull();
    assertThat(report.exitCode()).isEqualTo(3);
    assertThat(report.policy().name()).isEqualTo("default");
    assertThat(report.policy().digest()).matches(SHA256);
    assertThat(report.policy().identity()).isEqualTo("root (0:0)");
    assertThat(report.image().name()).isEqualTo("mayfly-base");
    assertThat(report.image().digest()).matches(SHA256);
    assertThat(report.findings()).isEmpty();
    assertThat(report.coverage().state()).isEqualTo("proven");
    assertThat(report.teardown().verified()).isTrue();
    assertThat(report.teardown().leftovers()).isEmpty();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void tellsWhenEachPartOfAJobWas() throws IOException {
    Path source = Files.createDirectory(directory.resolve("source"));

    assertThat(mayfly.execWith(List.of("--workspace", source.toString()), "true").exitCode())
        .isZero();

    Report report = mayfly.lastReport();
    Report.SpanPart job = span(report, "job");
    report.timeline().forEach(part -> assertNested(job, part));
    assertThat(report.timeline())
        .isSortedAccordingTo(Comparator.comparingLong(Report.SpanPart::startNs));
    for (String part : List.of("create", "start", "arm.confinement", "arm.network")) {
      assertNested(span(report, "provision"), span(report, part));
    }
    for (String part : List.of("stop", "destroy")) {
      assertNested(span(report, "teardown"), span(report, part));
    }
    List<Report.SpanPart> phases =
        List.of(
            span(report, "provision"),
            span(report, "workspace"),
            span(report, "command"),
            span(report, "teardown"));
    for (int i = 1; i < phases.size(); i++) {
      Report.SpanPart before = phases.get(i - 1);
      assertThat(phases.get(i).startNs())
          .as(phases.get(i).name())
          .isGreaterThanOrEqualTo(before.startNs() + before.durationNs());
    }
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void tellsWhatAJobUsed() {
    Mayfly.Result result =
        mayfly.exec(
            "python3",
            "-c",
            """
            import os, subprocess, time
            held = bytearray(os.urandom(1)) * (50 << 20)
            sleepers = [subprocess.Popen(["sleep", "1000"]) for _ in range(30)]
            while time.process_time() < 0.5: pass
            for sleeper in sleepers: sleeper.kill()
            """);

    assertThat(result.exitCode()).isZero();
    Report.Resources used = mayfly.lastReport().resources();
    assertThat(used.cpuSeconds()).isBetween(0.5, 100.0);
    assertThat(used.peakMemoryBytes()).isBetween(50L << 20, 4L << 30);
    assertThat(used.peakPids()).isBetween(32L, 1024L);
    assertThat(used.memoryKills()).isZero();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void tellsThatAJobReachedItsLifetime() {
    Mayfly brief =
        Mayfly.onPrivateEngine(directory, "policies: [{name: default, limits: {lifetime: 2s}}]\n");

    assertThat(brief.exec("sleep", "1000").exitCode()).isEqualTo(124);

    Report report = brief.lastReport();
    assertThat(report.outcome().kind()).isEqualTo("timed-out");
    assertThat(report.outcome().reason()).contains("lifetime of 2s", "raise limits.lifetime");
    assertThat(report.exitCode()).isEqualTo(124);
    assertThat(span(report, "command").durationNs()).isPositive();
    assertThat(report.teardown().verified()).isTrue();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void tellsWhyAJobWasRefused() {
    Mayfly strict = Mayfly.onPrivateEngine(directory, "policies: [{name: default, pull: never}]\n");

    assertThat(strict.execWith(List.of("--image", "no-such-image:v1"), "true").exitCode())
        .isEqualTo(125);

    Report report = strict.lastReport();
    assertThat(report.outcome().kind()).isEqualTo("refused");
    assertThat(report.outcome().reason()).contains("no-such-image:v1", "pull: never");
    assertThat(report.exitCode()).isEqualTo(125);
    assertThat(report.image().digest()).isNull();
    assertThat(report.policy().identity()).isNull();
    assertThat(report.timeline()).noneMatch(part -> part.name().equals("command"));
    assertThat(report.teardown().verified()).isTrue();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void printsTheLastReportOrTheOneThatIsNamed() throws IOException {
    mayfly.exec("sh", "-c", "exit 3");
    String first = mayfly.lastReport().sandbox();
    mayfly.exec("sh", "-c", "exit 4");
    String second = mayfly.lastReport().sandbox();

    assertThat(report("last").stdout()).contains(second, "exited, exit code 4", "verified: no");
    assertThat(report().stdout()).isEqualTo(report("last").stdout());
    assertThat(report(first).stdout()).contains(first, "exited, exit code 3");
    assertThat(report(first).exitCode()).isZero();
    assertThat(report("--json", first).stdout())
        .isEqualTo(Files.readString(mayfly.reports().resolve(first).resolve("report.json")));
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void tellsInALineThatThereIsNoSuchReport() {
    assertThat(mayfly.exec("true").exitCode()).isZero();

    for (String unknown : List.of("abcdefgh-1", "../../etc", "\u001b[31m")) {
      Mayfly.Result result = report(unknown);

      assertThat(result.exitCode()).isEqualTo(1);
      assertThat(result.stdout()).isEmpty();
      assertThat(result.stderr().lines()).hasSize(1);
      assertThat(result.stderr())
          .startsWith("mayfly: no report ")
          .contains("mayfly exec writes one")
          .doesNotContain("\u001b");
    }
  }
}
