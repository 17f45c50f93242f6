package dev.mayfly.engine;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.PullImageCmd;
import com.github.dockerjava.api.exception.DockerClientException;
import com.github.dockerjava.api.model.PullResponseItem;
import com.github.dockerjava.api.model.ResponseItem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an engine tells while it pulls an image. Unlike docker-java's own, it takes no status of one
 * engine for the only sign of success, and tells a pull that takes too long from one that failed.
 */
final class ImagePull extends ResultCallback.Adapter<PullResponseItem> {
  /** What engines pass on from registries, each in its own words, and some of their own. */
  private static final Pattern DENIAL =
      Pattern.compile(
          "no basic auth credentials|unauthorized|authentication required|access denied"
              + "|access forbidden|access to the resource is denied|invalid username"
              + "|incorrect username",
          Pattern.CASE_INSENSITIVE);

  private static final String OPERATION = "pull image";
  private static final String REMEDY =
      "check the name, the registry and the engine's access to it, or load the image by hand";
  private static final String LOGIN_REMEDY =
      "check the name, and that the job comes with a login that may read it (in GitLab:"
          + " DOCKER_AUTH_CONFIG)";

  private volatile @Nullable String error;

  @Override
  public void onNext(PullResponseItem item) {
    if (item.isErrorIndicated()) {
      ResponseItem.ErrorDetail detail = item.getErrorDetail();
      String words = detail == null ? null : detail.getMessage();
      error = Objects.requireNonNullElse(words, "failed without a reason");
    }
  }

  /**
   * Pulls an image.
   *
   * @throws EngineException.Denied where the registry lets nobody have it who asks so
   */
  static void run(EngineCalls calls, PullImageCmd request, String reference, Duration limit)
      throws EngineException {
    try {
      if (!calls.unbounded(OPERATION, reference, REMEDY, () -> pulled(request, limit))) {
        throw new EngineException(
            OPERATION,
            reference,
            "not done after " + limit,
            "try again, or load the image by hand",
            null);
      }
    } catch (EngineException e) {
      Throwable cause = e.getCause();
      String words = cause == null ? "" : EngineCalls.words(cause);
      if (cause != null && DENIAL.matcher(words).find()) {
        throw new EngineException.Denied(OPERATION, reference, words, LOGIN_REMEDY, cause);
      }
      throw e;
    }
  }

  private static boolean pulled(PullImageCmd request, Duration limit) {
    try (ImagePull pull = request.exec(new ImagePull())) {
      return pull.await(limit);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the pull ended within the limit. */
  private boolean await(Duration limit) {
    try {
      boolean done = awaitCompletion(limit.toMillis(), TimeUnit.MILLISECONDS);
      String told = error;
      if (told != null) {
        throw new DockerClientException(told);
      }
      return done;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new DockerClientException("interrupted", e);
    }
  }
}
