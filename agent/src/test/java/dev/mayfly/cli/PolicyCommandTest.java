package dev.mayfly.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.config.ConfigParser;
import dev.mayfly.job.Outcome;
import dev.mayfly.report.Report.EgressPart;
import dev.mayfly.report.ReportMaker;
import dev.mayfly.report.Reports;
import dev.mayfly.report.SampleEgress;
import dev.mayfly.supervisor.SampleResult;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/** Alone: it takes the standard streams for itself. */
@Isolated
class PolicyCommandTest {
  private static final EgressPart AUDITED =
      SampleEgress.audited(
          List.of(SampleEgress.name("a.example", "8.8.1.1")),
          SampleEgress.reached("tcp", "8.8.1.1", 443, "a.example"),
          SampleEgress.reached("tcp", "8.8.1.2", 22, null));

  @TempDir private Path directory = Path.of("unset");
  private Path config = Path.of("unset");

  private record Result(int code, String stdout, String stderr) {}

  @BeforeEach
  void writeConfig() throws IOException {
    config =
        Files.writeString(
            directory.resolve("mayfly.yaml"),
            """
            egress-groups: {"@npm": [packages.acme.example], "@none": []}
            policies:
              - name: release
                match: {project: "acme/*", protected: true}
                seccomp: {allow-ptrace: true}
                secrets: {allow: [DEPLOY_*, NPM_TOKEN]}
                id-tokens: {max-lifetime: 10m, audiences: [a], jwks-file: /etc/keys.json}
                egress:
                  mode: allowlist
                  allow: ["@npm", "@none", {to: "@github-actions-cache", max-upload: 1MiB}, a.example]
                  refuse-ranges: []
              - {name: open, egress: {allow: ["8.8.1.2:22"]}}
            """);
  }

  private static Result run(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    System.setOut(new PrintStream(stdout, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(stderr, true, StandardCharsets.UTF_8));
    try {
      int code = Main.run(arguments);
      return new Result(
          code, stdout.toString(StandardCharsets.UTF_8), stderr.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  private String report(EgressPart egress) throws IOException {
    return new Reports(directory.resolve("reports"))
        .write(
            new ReportMaker("1")
                .report(SampleResult.full(new Outcome.Exited(0), SampleResult.CLEAN))
                .withEgress(egress))
        .toString();
  }

  @Test
  void showsAPolicyWithTheHostsOfItsGroupsAndWhatIsRisky() {
    Result result = run("policy", "show", "release", "--config", config.toString());
    assertThat(result.code()).isZero();
    assertThat(result.stdout())
        .startsWith("policy           release\nmatch            project: acme/*, protected: true\n")
        .contains("seccomp          allow-ptrace\n")
        .contains("egress           allowlist: what is allowed below\n")
        .contains("  allow          @npm\n")
        .containsPattern(" packages.acme.example:443/tcp +egress-groups\n")
        .contains("  allow          @github-actions-cache (max-upload 1MiB)\n")
        .contains("RISK: anybody can rent a storage account")
        .contains("refuse-ranges  none\n")
        .contains("on-finding       egress: block\n")
        .contains("secrets          only DEPLOY_* or NPM_TOKEN\n")
        .contains(
            "id-tokens        at most 10m, audience a, only those that /etc/keys.json verifies\n")
        .contains("WARNING          @none allows nothing")
        .contains("WARNING          refuse-ranges leaves cloud metadata open: 169.254.169.254/32");
  }

  @Test
  void showsAllPoliciesAndAllGroups() {
    Result result = run("policy", "show", "--config", config.toString());
    assertThat(result.code()).isZero();
    assertThat(result.stdout())
        .contains("policy           default\n", "policy           release\n")
        .contains("match            every job that no other policy matches\n")
        .contains("match            none: used by name only\n")
        .contains("group @npm (replaced by egress-groups)\n", "group @github\n", "group @none");
  }

  @Test
  void knowsNoPolicyOfAnotherName() {
    assertThat(run("policy", "show", "x", "--config", config.toString()))
        .isEqualTo(
            new Result(64, "", "mayfly: no policy is named \"x\", only default, release, open\n"));
  }

  @Test
  void learnsWhatCanBePasted() throws Exception {
    Result result = run("policy", "learn", report(AUDITED));
    assertThat(result)
        .isEqualTo(
            new Result(
                0,
                """
                # Allows what 1 job reached.
                egress:
                  mode: allowlist
                  allow:
                    - "a.example:443"
                    - "8.8.1.2:22"  # by address: no name is known, or the address is in a refused range
                """,
                ""));
    Path pasted =
        Files.writeString(
            directory.resolve("pasted.yaml"),
            "policies:\n  - name: learned\n" + result.stdout().indent(4));
    assertThat(ConfigParser.parse(pasted).policy("learned").egress().allow()).hasSize(2);
    assertThat(run("policy", "replay", "learned", report(AUDITED), "--config", pasted.toString()))
        .isEqualTo(
            new Result(
                0,
                """
                runs    abcdefgh-1 (gitlab group/project build:linux)
                Policy learned breaks 0 of 1 jobs.
                """,
                ""));
  }

  @Test
  void tellsWhatLearnedListsLack() throws Exception {
    assertThat(
            run(
                    "policy",
                    "learn",
                    report(
                        new EgressPart(
                            "https", List.of(), List.of(), List.of(), 3L, false, List.of("some"))))
                .stdout())
        .isEqualTo(
            """
            # Allows what 1 job reached.
            # NOT COMPLETE: some of what abcdefgh-1 (gitlab group/project build:linux) did is not known
            # abcdefgh-1 (gitlab group/project build:linux) ran in mode: https; what was refused to it is not in here
            egress:
              mode: allowlist
              allow: []
            """);
  }

  @Test
  void tellsWhichJobsAPolicyWouldHaveBroken() throws Exception {
    assertThat(run("policy", "replay", "release", report(AUDITED), "--config", config.toString()))
        .isEqualTo(
            new Result(
                1,
                """
                breaks  abcdefgh-1 (gitlab group/project build:linux)
                          tcp 8.8.1.2:22: no rule allows it
                Policy release breaks 1 of 1 jobs.
                """,
                ""));
    assertThat(
            run("policy", "replay", "open", report(AUDITED), "--config", config.toString()).code())
        .isZero();
  }

  @Test
  void doesNotCallAJobFineOfWhichItKnowsNothing() throws IOException {
    Path file =
        new Reports(directory.resolve("reports"))
            .write(
                new ReportMaker("1")
                    .report(SampleResult.bare(new Outcome.Exited(0), SampleResult.CLEAN)));
    assertThat(run("policy", "replay", "open", file.toString(), "--config", config.toString()))
        .isEqualTo(
            new Result(
                2,
                "",
                """
                mayfly: the report of abcdefgh-1 says nothing of the way out
                mayfly: none of these reports tells of the way out; name others
                """));
  }

  @Test
  void refusesReportsWhoseAddressesAreNone() throws IOException {
    String file =
        report(SampleEgress.audited(List.of(), SampleEgress.reached("tcp", "x\u001b", 1, null)));
    Result replayed = run("policy", "replay", "open", file, "--config", config.toString());
    assertThat(replayed.code()).isEqualTo(2);
    assertThat(replayed.stderr())
        .startsWith(
            "mayfly: not a report of this version of Mayfly: \"x\\u001b\" is not an address");
    assertThat(run("policy", "learn", file).code()).isEqualTo(1);
  }
}
