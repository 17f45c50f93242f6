package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.report.Report;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What jobs do over the network: sources, artifacts, and what they may not reach. */
@ExtendWith(EgressWorld.Shared.class)
final class GitLabNetworkIT extends GitLabJobs {
  private static final int PORT = 8929;

  private static final int STORE_PORT = 9000;
  private static final String BUCKET = "ci-cache";
  private static final PresignedRequest.Key KEY =
      new PresignedRequest.Key("cache-key-id", "canary-cache-0123", "us-east-1");

  private static final String CACHE =
      """
      settings:
        cache:
          Type: s3
          Shared: true
          s3:
            ServerAddress: "%s:%d"
            Insecure: true
            BucketName: %s
            AccessKey: %s
            SecretKey: %s
      """
          .formatted(EgressWorld.DIRECT, STORE_PORT, BUCKET, KEY.id(), KEY.secret());

  private ObjectStore store;
  private WorldRelay toGitLab;
  private WorldRelay toStore;

  GitLabNetworkIT(EgressWorld world, @TempDir Path directory) throws IOException {
    super(
        directory,
        beyond(world, directory),
        "it-network",
        GitLabDaemon.More.NONE.withBeside(EgressWorld.NETWORK).withGitLab(CACHE));
  }

  /** A GitLab that runner and jobs find in the world, and that is here. */
  private static GitLabCoordinator beyond(EgressWorld world, Path directory) throws IOException {
    Objects.requireNonNull(world);
    GitLabCoordinator gitlab =
        GitLabCoordinator.start(
            new InetSocketAddress(InetAddress.getByName(EgressWorld.HOST), 0),
            Files.createDirectory(directory.resolve("git")),
            Duration.ofSeconds(1));
    gitlab.isKnownAs(URI.create("http://" + EgressWorld.DIRECT + ":" + PORT));
    return gitlab;
  }

  @Override
  @BeforeEach
  void start() throws IOException, InterruptedException {
    store =
        ObjectStore.start(
            new InetSocketAddress(InetAddress.getByName(EgressWorld.HOST), 0), BUCKET, KEY);
    toGitLab = WorldRelay.start(PORT, gitlab.port());
    toStore = WorldRelay.start(STORE_PORT, store.port());
    super.start();
  }

  @Override
  @AfterEach
  void leavesNothing() throws IOException, InterruptedException {
    super.leavesNothing();
    toGitLab.close();
    toStore.close();
    store.close();
  }

  @Test
  void getsSourcesAndPassesArtifactsOn() throws IOException, InterruptedException {
    String sha = GitBackend.makeRepository(directory.resolve("git/group/project.git"));

    OfferedJob build =
        run(
            GitLabJob.named("build")
                .sources(sha)
                .script("cat hello", "git log --oneline", "echo made >result")
                .artifacts("result"));

    assertThat(build.awaitOutcome()).as(build.trace()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(build.trace()).contains("hello there\n", sha.substring(0, 7) + " first\n");
    assertThat(build.hasArtifact("archive")).isTrue();
    Report report = daemon.report(build);
    assertThat(Objects.requireNonNull(report.egress()).server())
        .containsExactlyInAnyOrder(
            EgressWorld.DIRECT + ":" + PORT, EgressWorld.DIRECT + ":" + STORE_PORT);

    OfferedJob deploy = run(GitLabJob.named("deploy").script("cat result").dependsOn(build));
    assertThat(deploy.awaitOutcome()).as(deploy.trace()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(deploy.trace()).contains("made\n");
  }

  @Test
  void keepsACacheForTheNextJobOfTheProjectAndForNoOther() throws IOException {
    OfferedJob first =
        run(
            cached("group/project", 123)
                .script(
                    "test ! -e kept && mkdir kept && echo made >kept/result",
                    "! env | grep 'canary[-]cache'"));
    assertThat(first.awaitOutcome()).as(first.trace()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(first.trace()).contains("Failed to extract cache", "Created cache");
    assertThat(store.objects()).containsExactly("project/123/deps-non_protected");

    OfferedJob next = run(cached("group/project", 123).script("cat kept/result"));
    assertThat(next.awaitOutcome()).as(next.trace()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(next.trace()).contains("Successfully extracted cache", "made\n");

    OfferedJob other = run(cached("other/project", 456).script("test ! -e kept"));
    assertThat(other.awaitOutcome()).as(other.trace()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(other.trace()).contains("Failed to extract cache");

    assertThat(store.refusals()).isEmpty();
    for (OfferedJob job : List.of(first, next, other)) {
      assertThat(job.trace()).doesNotContain(KEY.secret());
      assertThat(daemon.report(job).findings()).isEmpty();
    }
    assertThat(daemon.log()).doesNotContain(KEY.secret());
    assertThat(daemon.reportTexts()).doesNotContain(KEY.secret());
  }

  private static GitLabJob cached(String project, long id) {
    return GitLabJob.of(project, "unit").projectId(id).cache("deps", "kept");
  }

  @Test
  void refusesAndTellsWhatIsNotOfTheServer() {
    OfferedJob job =
        run(
            GitLabJob.named("unit")
                .script(
                    "curl -sS --max-time 20 http://%s:%d/ || true"
                        .formatted(EgressWorld.DIRECT, PORT + 1),
                    "curl -sS --max-time 20 http://%s/ || true".formatted(EgressWorld.ALLOWED)));

    assertThat(job.awaitOutcome()).as(job.trace()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(job.trace())
        .contains("mayfly: refused tcp " + EgressWorld.DIRECT + ":" + (PORT + 1))
        .contains("mayfly: refused tcp " + EgressWorld.ALLOWED + ":80");
    assertThat(daemon.report(job).findings())
        .extracting(Report.FindingPart::rule)
        .containsOnly("egress.packet");
    assertThat(List.of(job.trace().split("\n"))).anyMatch(line -> line.contains("2 findings"));
  }
}
