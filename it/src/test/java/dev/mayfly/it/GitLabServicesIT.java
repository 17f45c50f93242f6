package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a job has beside it, what its image says, and sandboxes that were there before their jobs.
 */
final class GitLabServicesIT extends GitLabJobs {
  /** Past the hosts file. */
  private static final String ASK_FOR_WEB =
      "import socket as s; q = s.socket(s.AF_INET, s.SOCK_DGRAM); q.settimeout(9);"
          + " r = [l.split()[1] for l in open(\"/etc/resolv.conf\") if l.startswith(\"nameserver\")];"
          + " q.sendto(bytes.fromhex(\"000101000001000000000000\") + bytes([3]) + b\"web\" +"
          + " bytes.fromhex(\"0000010001\"), (r[0], 53));"
          + " print(\"the resolver says\", s.inet_ntoa(q.recv(512)[-4:]))";

  private static final String WEB = "mayfly-it-web";
  private static final String BROKEN = "mayfly-it-broken";
  private static final String ENTERED = "mayfly-it-entered";

  GitLabServicesIT(@TempDir Path directory) throws IOException {
    super(
        directory,
        GitLabCoordinator.start(directory),
        "it-services",
        GitLabDaemon.More.NONE.withWarm(1));
  }

  @BeforeAll
  static void makeImages() throws IOException, InterruptedException {
    EngineClient.makeImage(
        WEB,
        "WORKDIR /etc",
        "CMD [\"python3\",\"-m\",\"http.server\",\"8000\",\"--directory\",\"/etc\"]",
        "EXPOSE 8000");
    EngineClient.makeImage(
        BROKEN, "CMD [\"sh\",\"-c\",\"echo no data directory; exit 4\"]", "EXPOSE 5432");
    EngineClient.makeImage(ENTERED, "ENTRYPOINT [\"env\",\"ENTERED=yes\"]");
  }

  @AfterAll
  static void removeImages() throws IOException, InterruptedException {
    EngineClient.docker("rmi", WEB, BROKEN, ENTERED);
  }

  @Test
  void reachesItsServicesByTheirNames() {
    OfferedJob job =
        run(
            GitLabJob.named("unit")
                .service(WEB, "web")
                .service(WEB, "other", "python3", "-m", "http.server", "8001")
                .script(
                    "curl -sS http://web:8000/hostname",
                    "curl -sS -o /dev/null -w '%{http_code}\\n' http://" + WEB + ":8001/"));

    assertThat(job.awaitOutcome()).as(job.trace()).isEqualTo(OfferedJob.Outcome.scriptFailure(1));
    assertThat(job.trace()).contains("both listen on port 8000");

    OfferedJob alone =
        run(
            GitLabJob.named("unit")
                .service(WEB, "web")
                .script(
                    "curl -sS http://web:8000/hostname; test ! -e /proc/1/root/etc/no && id",
                    "python3 -c '" + ASK_FOR_WEB + "'"));
    assertThat(alone.awaitOutcome()).as(alone.trace()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(alone.trace()).contains("sandbox\n").contains("the resolver says 127.0.0.1\n");
    Report report = daemon.report(alone);
    assertThat(report.services())
        .singleElement()
        .satisfies(
            service -> {
              assertThat(service.name()).isEqualTo("web (" + WEB + ")");
              assertThat(service.digest()).startsWith("sha256:");
              assertThat(service.sandbox()).isNotEqualTo(report.sandbox());
              assertThat(service.ready()).isTrue();
              assertThat(service.end()).isEqualTo("with-job");
            });
    assertThat(report.teardown().verified()).isTrue();
    assertThat(report.coverage().state()).isEqualTo("proven");
  }

  @Test
  void saysWhyAServiceEndedAndRunsTheJob() {
    OfferedJob job =
        run(GitLabJob.named("unit").service(BROKEN, "db").script("echo it runs all the same"));

    assertThat(job.awaitOutcome()).as(job.trace()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(job.trace())
        .contains(
            "mayfly: service db (" + BROKEN + ") ended with 4; it said last: no data directory")
        .contains("it runs all the same\n");
    assertThat(daemon.report(job).services())
        .singleElement()
        .satisfies(
            service -> {
              assertThat(service.ready()).isFalse();
              assertThat(service.end()).isEqualTo("exited");
              assertThat(service.exitCode()).isEqualTo(4);
            });
  }

  @Test
  void runsAJobsOwnStagesByWayOfItsImagesEntrypoint() {
    OfferedJob job = run(GitLabJob.named("unit").image(ENTERED).script("echo entered: $ENTERED"));

    assertThat(job.awaitOutcome()).as(job.trace()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(job.trace()).contains("entered: yes\n");
  }

  @Test
  void takesASandboxThatIsThereAlreadyForTheNextJobOfTheKind() {
    OfferedJob first = run(GitLabJob.named("first").script("echo mine >/workspace/mine"));
    daemon.report(first);
    OfferedJob second = run(GitLabJob.named("second").script("test ! -e /workspace/mine"));

    assertThat(second.awaitOutcome()).as(second.trace()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    Report report = daemon.report(second);
    assertThat(report.sandbox()).isNotEqualTo(daemon.report(first).sandbox());
    assertThat(report.job().name()).isEqualTo("second");
    assertThat(report.coverage().state()).isEqualTo("proven");
    assertThat(report.timeline()).extracting(Report.SpanPart::name).doesNotContain("create");
    assertThat(Optional.ofNullable(report.job().project())).contains("group/project");
  }
}
