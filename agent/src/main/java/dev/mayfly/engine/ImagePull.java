package dev.mayfly.engine;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.exception.DockerClientException;
import com.github.dockerjava.api.model.PullResponseItem;
import com.github.dockerjava.api.model.ResponseItem;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What an engine tells while it pulls an image. Unlike docker-java's own, it takes no status of one
 * engine for the only sign of success, and tells a pull that takes too long from one that failed.
 */
final class ImagePull extends ResultCallback.Adapter<PullResponseItem> {
  private volatile @Nullable String error;

  @Override
  public void onNext(PullResponseItem item) {
    if (item.isErrorIndicated()) {
      ResponseItem.ErrorDetail detail = item.getErrorDetail();
      String words = detail == null ? null : detail.getMessage();
      error = Objects.requireNonNullElse(words, "failed without a reason");
    }
  }

  /** Whether the pull ended within the limit. */
  boolean await(Duration limit) {
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
