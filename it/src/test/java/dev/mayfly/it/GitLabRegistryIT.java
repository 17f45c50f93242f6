package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images of a registry that wants a login. */
final class GitLabRegistryIT extends GitLabJobs {
  private static final String WRONG = "wrong-0123";
  private static final String POLICIES =
      "policies: [{name: listed, match: {job: listed}, images: {services: ['postgres:*']}}]\n";

  private LoginRegistry registry;
  private String image;

  GitLabRegistryIT(@TempDir Path directory) throws IOException {
    super(
        directory,
        GitLabCoordinator.start(directory),
        "it-registry",
        GitLabDaemon.More.NONE.withBeside(POLICIES));
  }

  @Override
  @BeforeEach
  void start() throws IOException, InterruptedException {
    registry = LoginRegistry.start(Files.createDirectory(directory.resolve("registry")));
    image = registry.push("acme/tools");
    super.start();
  }

  @Override
  @AfterEach
  void leavesNothing() throws IOException, InterruptedException {
    super.leavesNothing();
    if (isHeldByEngine()) {
      EngineClient.docker("rmi", image);
    }
    registry.close();
  }

  @Test
  void givesAnImageToProjectsThatTheRegistryLetsInOnly() throws IOException, InterruptedException {
    assertRefused(run(of("other/project")));

    OfferedJob owner = run(loggedIn("acme/shop", LoginRegistry.PASSWORD));
    assertThat(owner.awaitOutcome()).as(owner.trace()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(owner.trace()).contains("in acme/tools\n");
    assertThat(isHeldByEngine()).isTrue();

    assertRefused(run(of("other/project")));
    assertRefused(run(loggedIn("other/project", WRONG)));
    assertRefused(
        run(
            GitLabJob.of("other/project", "unit")
                .service(image, "tools", "sleep", "1000")
                .script("true")));

    assertRuns(loggedIn("other/project", LoginRegistry.PASSWORD));
    assertRuns(of("acme/shop"));
  }

  @Test
  void asksForNoServicesImageThatThePolicyDoesNotList() throws IOException, InterruptedException {
    OfferedJob job =
        run(
            GitLabJob.named("listed")
                .registry(registry.host(), LoginRegistry.USER, LoginRegistry.PASSWORD)
                .service(image, "tools", "sleep", "1000")
                .script("true"));

    assertThat(job.awaitOutcome()).isEqualTo(OfferedJob.Outcome.scriptFailure(1));
    assertThat(job.trace())
        .contains("mayfly: refused: policy listed does not accept image " + image);
    assertThat(isHeldByEngine()).isFalse();
  }

  private boolean isHeldByEngine() throws IOException, InterruptedException {
    return !EngineClient.docker("images", "--quiet", image).isEmpty();
  }

  private GitLabJob of(String project) {
    return GitLabJob.of(project, "unit").image(image).script("echo in acme/tools");
  }

  private GitLabJob loggedIn(String project, String password) {
    return of(project).registry(registry.host(), LoginRegistry.USER, password);
  }

  private void assertRuns(GitLabJob offered) {
    OfferedJob job = run(offered);
    assertThat(job.awaitOutcome()).as(job.trace()).isEqualTo(OfferedJob.Outcome.SUCCESS);
  }

  /** A try more would end the same way: the job fails at once, and its log says what to do. */
  private void assertRefused(OfferedJob job) throws IOException {
    assertThat(job.awaitOutcome()).as(job.trace()).isEqualTo(OfferedJob.Outcome.scriptFailure(1));
    assertThat(job.trace())
        .contains("mayfly: refused: pull image " + image + ": ", "DOCKER_AUTH_CONFIG")
        .doesNotContain("Will be retried", "in acme/tools\n", WRONG);
    assertThat(daemon.log()).doesNotContain(WRONG);
    assertThat(daemon.reportTexts()).doesNotContain(WRONG);
  }
}
