package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.report.Report;
import java.io.BufferedReader;
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
  private static final String SPACE = "mfyt-world";
  private static final int PORT = 8929;

  /** Passes connections on from an address of the world's to the test, outside of it. */
  private static final String RELAY =
      """
      import socket, sys, threading
      here, there = (sys.argv[1], int(sys.argv[2])), (sys.argv[3], int(sys.argv[4]))
      def copy(source, target):
          try:
              while data := source.recv(65536):
                  target.sendall(data)
              target.shutdown(socket.SHUT_WR)
          except OSError:
              source.close()
              target.close()
      with socket.create_server(here) as server:
          print('ready', flush=True)
          while True:
              one = server.accept()[0]
              other = socket.create_connection(there)
              for pair in (one, other), (other, one):
                  threading.Thread(target=copy, args=pair, daemon=True).start()
      """;

  private Process relay;

  GitLabNetworkIT(EgressWorld world, @TempDir Path directory) throws IOException {
    super(
        directory,
        beyond(world, directory),
        "it-network",
        GitLabDaemon.More.NONE.withBeside(EgressWorld.NETWORK));
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
    relay =
        new ProcessBuilder(
                "ip",
                "netns",
                "exec",
                SPACE,
                "/usr/bin/python3",
                "-c",
                RELAY,
                EgressWorld.DIRECT,
                Integer.toString(PORT),
                EgressWorld.HOST,
                Integer.toString(gitlab.port()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader said = relay.inputReader();
    assertThat(said.readLine()).isEqualTo("ready");
    super.start();
  }

  @Override
  @AfterEach
  void leavesNothing() throws IOException, InterruptedException {
    super.leavesNothing();
    relay.destroy();
    relay.onExit().join();
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
        .containsExactly(EgressWorld.DIRECT + ":" + PORT);

    OfferedJob deploy = run(GitLabJob.named("deploy").script("cat result").dependsOn(build));
    assertThat(deploy.awaitOutcome()).as(deploy.trace()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(deploy.trace()).contains("made\n");
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
