package dev.mayfly.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A job that stays in one of its stages until something ends it. */
final class HeldJob implements AutoCloseable {
  private static final String IMAGE = "mayfly-it-held";

  /** In front of the programs that stages call: stays where the job's variable says so. */
  private static final String HOLD =
      """
      #!/bin/sh
      name=${0##*/}
      case "$name $*" in
        ${HOLD:-nowhere})
          echo "held in $name" >&2
          while :; do sleep 0.1; done
          ;;
        hold*) exit 0 ;;
      esac
      for directory in /usr/bin /.mayfly; do
        if [ -x "$directory/$name" ]; then exec "$directory/$name" "$@"; fi
      done
      exit 127
      """;

  private static final int WAIT_MILLIS = 60_000;
  private static final AtomicInteger LAST_NUMBER = new AtomicInteger(100_000);

  private final HeldStage stage;
  private final OfferedJob offered;
  private final ServerSocket registry;
  private final String service;
  private @Nullable Socket caller;

  private HeldJob(HeldStage stage, OfferedJob offered, ServerSocket registry, String service) {
    this.stage = stage;
    this.offered = offered;
    this.registry = registry;
    this.service = service;
  }

  static void makeImage() throws IOException, InterruptedException {
    EngineClient.makeImageBy(
        """
        cat >/usr/local/bin/hold <<'END'
        %sEND
        chmod 755 /usr/local/bin/hold
        for name in uname git rm gitlab-runner; do ln -s hold "/usr/local/bin/$name"; done
        """
            .formatted(HOLD),
        List.of(),
        IMAGE,
        "EXPOSE 5432");
  }

  static void removeImage() throws IOException, InterruptedException {
    EngineClient.docker("rmi", IMAGE);
  }

  /** Offers one to a coordinator, without waiting for it to come to its stage. */
  static HeldJob offer(GitLabCoordinator gitlab, HeldStage stage, UnaryOperator<GitLabJob> more)
      throws IOException {
    // Connections are taken by the kernel, and nobody ever says anything.
    ServerSocket registry = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    registry.setSoTimeout(WAIT_MILLIS);
    String service = Integer.toString(LAST_NUMBER.incrementAndGet());
    GitLabJob job = stage.hold(GitLabJob.named("held").image(IMAGE));
    if (stage == HeldStage.PREPARE_IMAGE) {
      job.image("127.0.0.1:" + registry.getLocalPort() + "/never/there:1");
    } else if (stage == HeldStage.PREPARE_SERVICE) {
      job.service(IMAGE, "db", "sleep", service);
    }
    return new HeldJob(stage, gitlab.offer(more.apply(job)), registry, service);
  }

  /** One that is in its stage. */
  static HeldJob in(HeldStage stage, GitLabCoordinator gitlab) throws IOException {
    HeldJob job = offer(gitlab, stage, UnaryOperator.identity());
    job.await();
    return job;
  }

  OfferedJob offered() {
    return offered;
  }

  /** Waits until it is in its stage. */
  void await() throws IOException {
    switch (stage) {
      case PREPARE_IMAGE -> caller = registry.accept();
      case PREPARE_SERVICE -> GitLabDaemon.await("the service", this::serviceProcess);
      default -> offered.awaitTrace("held in ");
    }
  }

  private Optional<ProcessHandle> serviceProcess() {
    return ProcessHandle.allProcesses()
        .filter(
            process ->
                process
                    .info()
                    .arguments()
                    .map(arguments -> List.of(arguments).equals(List.of(service)))
                    .orElse(false))
        .findFirst();
  }

  @Override
  public void close() {
    try (registry;
        Socket _ = caller) {
      return;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
