package dev.mayfly.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.job.Outcome;
import dev.mayfly.sandbox.Teardown;
import dev.mayfly.supervisor.SampleResult;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReportPrinterTest {
  private static final ReportMaker MAKER = new ReportMaker("1.2.3");

  /** Clears the screen, ends the line, turns the reading direction, and is no text at all. */
  private static final String HOSTILE = "a\u001b[2Jb\nc\rd\u202ee\u2028f\u0085g\ud800h\u0007";

  private static final String HARMLESS =
      "a\\x1b[2Jb\\x0ac\\x0dd\\u{202e}e\\u{2028}f\\x85g\\u{d800}h\\x07";

  @Test
  void tellsAllThatIsKnown() {
    Report report = MAKER.report(SampleResult.full(new Outcome.Exited(3), SampleResult.CLEAN));
    assertThat(ReportPrinter.print(report))
        .isEqualTo(
            """
            sandbox      abcdefgh-1, started 2026-11-01T10:00:00.000000001Z
            job          gitlab build:linux (4711)
            policy       default, ran as job (1001:1001), %s
            image        mayfly-base, sha256:0123456789ab
            services     2
                         db (postgres:16), sha256:fedcba987654, sandbox abcdefgh-2, ready, ended: exited with 3
                         cache (redis) (not found), ended: refused
            outcome      exited, exit code 3
            resources    1.25 s cpu, 96.0 MiB peak memory, 1.5 MiB disk I/O, 17 processes at most, 2 killed for the memory limit
            time         2500.0 ms in all
                         provision              300.0 ms  at       1.0 ms
                           create               100.0 ms  at       2.0 ms
                           start                198.0 ms  at     102.0 ms
                         command               2000.0 ms  at     302.0 ms
                         teardown               190.0 ms  at    2303.0 ms
            egress       https, 1 name asked for (0 refused), 3 destinations (1 refused, 12 packets)
                         audited icmp 203.0.113.8
                         refused tcp [2001:db8::9]:22 ×4: no rule allows it; to allow it: "[2001:db8::9]:22"
            monitor      ebpf, 15 programs in 2 processes
                         weaker: programs of the kind lsm can't be loaded
                         sh -c make [exit 3]
                         refused write /etc/cron.d/evil by /bin/dash (2 times)
            secrets      given 1: DEPLOY_KEY
                         withheld 1: SIGNING_KEY
            findings     1
                         critical net.metadata: sh → curl → 169.254.169.254:80; add egress.allow: [169.254.169.254/32] if this was meant
            coverage     unproven: events came faster than they could be looked at (4)
            teardown     verified: no container, volume, mount, process, cgroup or file of it is left"""
                .formatted(report.policy().digest().substring(0, 19)));
  }

  @Test
  void saysUnknownForWhatCouldNotBeRead() {
    Report report =
        MAKER.report(
            SampleResult.bare(
                new Outcome.Refused("no engine; start it"),
                new Teardown(List.of("container c", "mount /m"))));
    assertThat(ReportPrinter.print(report))
        .isEqualTo(
            """
            sandbox      abcdefgh-1, started 2026-11-01T10:00:00.000000001Z
            job          local exec (exec-42)
            policy       default, %s
            image        mayfly-base (not found)
            outcome      refused, exit code 123: no engine; start it
            resources    cpu unknown, memory unknown, disk I/O unknown, processes unknown
            time         unknown
            findings     none
            coverage     unproven: the sandbox was not watched; see monitor in its policy, and mayfly check
            teardown     NOT CLEAN, left behind: container c, mount /m"""
                .formatted(report.policy().digest().substring(0, 19)));
  }

  @Test
  void tellsWhatWasRefusedOnTheWayOut() {
    Report report =
        MAKER
            .report(SampleResult.full(new Outcome.Exited(0), SampleResult.CLEAN))
            .withEgress(SampleEgress.FULL);
    assertThat(ReportPrinter.print(report))
        .contains(
            """
            egress       audit, and gitlab.example.org:443, 2 names asked for (1 refused), 3 destinations (1 refused, 12 packets); NOT COMPLETE: 3 packets of some sandbox were not told
                         refused tcp [2001:db8::7]:22 (git.example) ×12: no rule allows it; to allow it: "git.example:22"
                         audited udp 198.51.100.7:123
                         refused name evil.example TXT ×7: not allowed
            monitor\s""");
  }

  @Test
  void showsTwentyLinesOfWhatWasRefused() {
    Report.ConnectionPart one =
        new Report.ConnectionPart(
            "icmp", "198.51.100.7", null, null, "refused", null, null, null, 1);
    Report report =
        MAKER
            .report(SampleResult.full(new Outcome.Exited(0), SampleResult.CLEAN))
            .withEgress(
                new Report.EgressPart(
                    "https",
                    List.of(),
                    List.of(),
                    Collections.nCopies(25, one),
                    25L,
                    true,
                    List.of()));
    assertThat(ReportPrinter.print(report).lines().filter(line -> line.contains("refused icmp")))
        .hasSize(20);
    assertThat(ReportPrinter.print(report)).contains("… and 5 more: mayfly report --json\n");
  }

  @Test
  void escapesEverythingThatSomebodyElseWrote() {
    Report hostile =
        new Report(
            Report.SCHEMA_VERSION,
            HOSTILE,
            HOSTILE,
            new Report.JobPart(
                HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, Map.of(HOSTILE, HOSTILE)),
            new Report.PolicyPart(HOSTILE, HOSTILE, HOSTILE),
            new Report.ImagePart(HOSTILE, HOSTILE),
            List.of(new Report.ServicePart(HOSTILE, HOSTILE, HOSTILE, HOSTILE, true, HOSTILE, 1)),
            new Report.OutcomePart(HOSTILE, HOSTILE),
            1,
            HOSTILE,
            List.of(new Report.SpanPart(HOSTILE, 0, 1)),
            new Report.Resources(1.0, 1L, 1L, 1L, 1L),
            new Report.EgressPart(
                HOSTILE,
                List.of(HOSTILE),
                List.of(
                    new Report.NamePart(
                        HOSTILE, HOSTILE, "refused", HOSTILE, 2, List.of(), List.of())),
                List.of(
                    new Report.ConnectionPart(
                        HOSTILE, HOSTILE, 1, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, 2)),
                1L,
                false,
                List.of(HOSTILE)),
            new MonitorPart(
                HOSTILE,
                List.of(HOSTILE),
                Map.of(HOSTILE, 1L),
                List.of(),
                List.of(),
                List.of(new MonitorPart.FilePart(HOSTILE, HOSTILE, HOSTILE, true, 2)),
                1),
            new Report.SecretsPart(List.of(HOSTILE), List.of(HOSTILE)),
            List.of(
                new Report.FindingPart(
                    HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE, 1)),
            new Report.Coverage(HOSTILE, HOSTILE),
            new Report.TeardownPart(false, List.of(HOSTILE, HOSTILE)));

    String printed = ReportPrinter.print(hostile);

    assertThat(printed.lines()).hasSize(22);
    assertThat(printed.replace("\n", ""))
        .doesNotContainPattern("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");
    assertThat(
            printed.lines().filter(line -> line.contains(HARMLESS)).map(line -> line.split(" ")[0]))
        .containsExactly(
            "sandbox",
            "job",
            "policy",
            "image",
            "",
            "outcome",
            "",
            "egress",
            "",
            "",
            "monitor",
            "",
            "",
            "secrets",
            "",
            "",
            "coverage",
            "teardown");
  }

  @Test
  void showsJobNamesOfManyScriptsAsTheyAre() {
    Report report = MAKER.report(SampleResult.full(new Outcome.Exited(0), SampleResult.CLEAN));
    Report.JobPart named = new Report.JobPart("1", "gitlab", null, null, "größe · 构建 · 🚀", null);
    assertThat(
            ReportPrinter.print(
                new Report(
                    report.schemaVersion(),
                    report.mayflyVersion(),
                    report.sandbox(),
                    named,
                    report.policy(),
                    report.image(),
                    report.services(),
                    report.outcome(),
                    report.exitCode(),
                    report.start(),
                    report.timeline(),
                    report.resources(),
                    report.egress(),
                    report.monitor(),
                    report.secrets(),
                    report.findings(),
                    report.coverage(),
                    report.teardown())))
        .contains("\njob          gitlab größe · 构建 · 🚀 (1)\n");
  }
}
