package dev.mayfly.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.engine.ImageFacts;
import dev.mayfly.job.Finding;
import dev.mayfly.job.Job;
import dev.mayfly.job.JobId;
import dev.mayfly.job.Outcome;
import dev.mayfly.job.Timeline;
import dev.mayfly.policy.Policy;
import dev.mayfly.sandbox.SampleSandbox;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class JobSessionTest {
  private static final int SIGTERM = 15;
  private static final JobRequest REQUEST =
      new JobRequest(Job.local(new JobId("1")), Policy.DEFAULT, Optional.empty());
  private static final Finding FURTHER =
      new Finding(
          "variables.withheld",
          Finding.Severity.LOW,
          Optional.empty(),
          Finding.Reaction.AUDIT,
          "the job",
          "DEPLOY_KEY",
          "name it in the policy",
          1);

  private final List<String> messages = new ArrayList<>();
  private final SampleSandbox sandbox;

  JobSessionTest() throws Exception {
    sandbox =
        SampleSandbox.of(
            Policy.DEFAULT,
            new ImageFacts(
                "sha256:" + "a".repeat(64),
                List.of("PATH=/bin", "A=b"),
                "",
                Set.of(),
                new ImageFacts.Start(List.of("/entry", "-x"), List.of(), List.of())),
            JobSessionTest::program);
  }

  private static OptionalInt program(List<String> arguments) {
    return switch (arguments.getFirst()) {
      case "true" -> OptionalInt.of(0);
      case "exit" -> OptionalInt.of(Integer.parseInt(arguments.get(1)));
      case "hang" -> OptionalInt.empty();
      default -> OptionalInt.of(SampleSandbox.MISSING);
    };
  }

  private JobSession started() throws InterruptedException {
    JobSession session = SampleSession.in(sandbox.sandbox(), REQUEST, messages::add);
    assertThat(session.awaitSandbox()).contains(sandbox.sandbox());
    return session;
  }

  private Outcome command(JobSession session, JobControl steering, String... arguments) {
    return session.command(
        "stage",
        new CommandRequest(
            Arrays.stream(arguments).map(it -> it.getBytes(StandardCharsets.UTF_8)).toList(),
            List.of()),
        new JobStreams(
            InputStream.nullInputStream(),
            OutputStream.nullOutputStream(),
            OutputStream.nullOutputStream(),
            messages::add),
        steering);
  }

  private Outcome command(JobSession session, String... arguments) {
    return command(session, new JobControl(), arguments);
  }

  @Test
  void runsCommandsOneAfterAnotherInOneSandbox() throws Exception {
    JobSession session = started();
    assertThat(command(session, "true")).isEqualTo(new Outcome.Exited(0));
    assertThat(command(session, "exit", "3")).isEqualTo(new Outcome.Exited(3));
    assertThat(command(session, "nothing")).isEqualTo(new Outcome.Exited(127));
    assertThat(session.isOver()).isFalse();
    JobResult result = session.finish(new Outcome.Exited(3));
    assertThat(result.outcome()).isEqualTo(new Outcome.Exited(3));
    assertThat(session.isOver()).isTrue();
    assertThat(session.finish(new Outcome.Exited(0)).outcome()).isEqualTo(new Outcome.Exited(3));
  }

  @Test
  void tellsOfItsSandboxAndImage() throws Exception {
    JobSession session = started();
    assertThat(session.sandboxId().map(Object::toString)).contains("abcdefgh-7");
    assertThat(session.imageEnvironment()).containsExactly("PATH=/bin", "A=b");
    assertThat(session.imageEntrypoint()).containsExactly("/entry", "-x");
    session.finish(new Outcome.Exited(0));
  }

  @Test
  void tellsWhyThereIsNoSandbox() throws Exception {
    Outcome refused = new Outcome.Refused("no engine; start it", true);
    JobSession session = SampleSession.without(refused, REQUEST, messages::add);
    assertThat(session.awaitSandbox()).isEmpty();
    assertThat(session.finish(new Outcome.Exited(0)).outcome()).isEqualTo(refused);
    assertThat(session.sandboxId()).isEmpty();
    assertThat(session.findings()).isEmpty();
    assertThat(session.imageEnvironment()).isEmpty();
    assertThat(session.imageEntrypoint()).isEmpty();
    assertThat(session.stopped()).isEmpty();
  }

  @Test
  void runsNothingBeforeThereIsASandbox() throws Exception {
    CountDownLatch made = new CountDownLatch(1);
    JobSession session =
        JobSession.start(
            (_, _, _, _) -> {
              try {
                made.await();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              return SampleResult.bare(new Outcome.Exited(0), SampleResult.CLEAN);
            },
            REQUEST,
            messages::add);
    assertThatThrownBy(() -> command(session, "true"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a command before there is a sandbox");
    assertThat(session.isOver()).isFalse();
    made.countDown();
    assertThat(session.awaitSandbox()).isEmpty();
  }

  @Test
  void isCancelledWhateverItDoes() throws Exception {
    JobSession session = started();
    CompletableFuture<Outcome> running =
        CompletableFuture.supplyAsync(() -> command(session, "hang"), Thread::startVirtualThread);
    assertThat(sandbox.awaitStart().arguments()).containsExactly("hang");
    session.cancel(SIGTERM);
    assertThat(running.get(30, TimeUnit.SECONDS)).isEqualTo(new Outcome.Cancelled(SIGTERM));
    assertThat(session.finish(new Outcome.Exited(0)).outcome())
        .isEqualTo(new Outcome.Cancelled(SIGTERM));
    assertThat(command(session, "true")).isEqualTo(new Outcome.Cancelled(SIGTERM));
  }

  @Test
  void goesOnAfterACommandThatWasCancelled() throws Exception {
    JobSession session = started();
    JobControl steering = new JobControl();
    CompletableFuture<Outcome> running =
        CompletableFuture.supplyAsync(
            () -> command(session, steering, "hang"), Thread::startVirtualThread);
    sandbox.awaitStart();
    steering.cancel(SIGTERM);
    assertThat(running.get(30, TimeUnit.SECONDS)).isEqualTo(new Outcome.Cancelled(SIGTERM));
    assertThat(session.isOver()).isFalse();
    assertThat(command(session, "true")).isEqualTo(new Outcome.Exited(0));
    session.finish(new Outcome.Exited(0));
  }

  @Test
  void endsWithWhatStoppedIt() throws Exception {
    CompletableFuture<JobControl> controls = new CompletableFuture<>();
    JobSession session =
        JobSession.start(
            (_, work, streams, control) -> {
              controls.complete(control);
              return SampleResult.bare(
                  work.in(
                      new Work.Place(sandbox.sandbox(), new Timeline(), List::of, () -> {}),
                      streams,
                      control),
                  SampleResult.CLEAN);
            },
            REQUEST,
            messages::add);
    session.awaitSandbox();
    CompletableFuture<Outcome> running =
        CompletableFuture.supplyAsync(() -> command(session, "hang"), Thread::startVirtualThread);
    sandbox.awaitStart();
    controls.get().stop(SampleResult.FINDING);
    Outcome stopped = new Outcome.Stopped(SampleResult.FINDING);
    assertThat(running.get(30, TimeUnit.SECONDS)).isEqualTo(stopped);
    assertThat(session.finish(new Outcome.Exited(0)).outcome()).isEqualTo(stopped);
    assertThat(session.stopped()).contains(SampleResult.FINDING);
  }

  @Test
  void addsWhatWasFoundFromOutside() throws Exception {
    JobSession session = started();
    session.found(FURTHER);
    assertThat(session.findings()).containsExactly(SampleResult.FINDING, FURTHER);
    assertThat(session.finish(new Outcome.Exited(0)).findings()).containsExactly(FURTHER);
  }

  @Test
  void saysThatASupervisorsFailureIsNoResult() {
    JobSession session =
        JobSession.start(
            (_, _, _, _) -> {
              throw new IllegalArgumentException("a bug");
            },
            REQUEST,
            messages::add);
    assertThatThrownBy(session::awaitSandbox)
        .isInstanceOf(IllegalStateException.class)
        .hasRootCauseMessage("a bug");
    assertThatThrownBy(() -> session.finish(new Outcome.Exited(0)))
        .isInstanceOf(IllegalStateException.class)
        .hasRootCauseMessage("a bug");
    assertThat(session.isOver()).isTrue();
  }
}
