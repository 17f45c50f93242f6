package dev.mayfly.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.detect.DetectionRules;
import dev.mayfly.engine.EngineFacts;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.job.Job;
import dev.mayfly.job.JobId;
import dev.mayfly.job.Timeline;
import dev.mayfly.linux.NoCgroups;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.Policy;
import dev.mayfly.sandbox.SampleSandbox;
import dev.mayfly.sandbox.SandboxId;
import dev.mayfly.sandbox.SandboxPlanner;
import dev.mayfly.sandbox.SeccompProfiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class ServiceSandboxesTest {
  private static final ServiceRequest SERVICE =
      new ServiceRequest(
          ImageReference.parse("db:1"),
          List.of(),
          Optional.empty(),
          Optional.empty(),
          List.of("db"),
          List.of(),
          Optional.empty());

  private final SandboxMonitor monitor =
      new SandboxMonitor(
          NoCgroups.make(), new CompletableFuture<>(), DetectionRules.NONE, List.of());

  private static ImageFacts image(String volume) {
    return new ImageFacts("sha256:" + "a".repeat(64), List.of(), "", Set.of(volume));
  }

  /** What is not there is not asked for: nothing comes to be launched. */
  @SuppressWarnings("NullAway")
  private ServiceSandboxes sandboxes() throws Exception {
    JobRun.Means means =
        new JobRun.Means(
            () -> new SandboxId("abcdefgh-8"),
            NoCgroups.make(),
            new SandboxPlanner(
                new EngineFacts(
                    "Docker", "20.10", "overlay2", "cgroupfs", Set.of("seccomp"), 4, true),
                false,
                SeccompProfiles.load(Path.of("..", "seccomp")),
                Path.of("/opt/mayfly/libexec"),
                Path.of("/var/lib/mayfly/sandboxes"),
                IpRange.parse("198.19.0.1").first()),
            null,
            null,
            monitor,
            null);
    JobRequest request =
        new JobRequest(
            Job.local(new JobId("1")),
            Policy.DEFAULT,
            Optional.empty(),
            List.of(),
            List.of(),
            Optional.empty(),
            List.of(SERVICE),
            Duration.ZERO,
            Optional.empty(),
            Optional.empty());
    return new ServiceSandboxes(
        means,
        request,
        new SandboxDetections(DetectionRules.NONE, Policy.DEFAULT, _ -> {}, _ -> {}),
        new Timeline(),
        SampleSandbox.of(Policy.DEFAULT, image("/data"), _ -> OptionalInt.of(0)).sandbox(),
        _ -> {});
  }

  @Test
  void watchNoServiceAnyLongerThatGetsNoSandbox() throws Exception {
    ServiceSandboxes sandboxes = sandboxes();
    assertThatThrownBy(() -> sandboxes.make(SERVICE, image("/.mayfly")))
        .isInstanceOf(Services.ServiceException.class)
        .hasMessageStartingWith(
            "service db (db:1): the image declares the volume \"/.mayfly\", which would cover ");
    assertThat(monitor.watched()).isZero();
  }

  /** Whatever keeps it from being launched: here that there is nothing to launch it. */
  @Test
  void watchNoServiceAnyLongerThatCouldNotBeLaunched() throws Exception {
    ServiceSandboxes sandboxes = sandboxes();
    assertThatThrownBy(() -> sandboxes.make(SERVICE, image("/data")))
        .isInstanceOf(NullPointerException.class);
    assertThat(monitor.watched()).isZero();
  }
}
