package dev.mayfly.engine;

import com.github.dockerjava.api.exception.DockerClientException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes calls to an engine end in time, and tells in one way how they failed. */
final class EngineCalls {
  private final Path socket;
  private final Limits limits;

  EngineCalls(Path socket, Limits limits) {
    this.socket = socket;
    this.limits = limits;
  }

  /**
   * How long the engine may take for an answer.
   *
   * @param question where it only looks
   * @param change where it makes, starts or removes something
   */
  record Limits(Duration question, Duration change) {}

  <T extends @Nullable Object> T ask(
      String operation, String object, String remedy, Supplier<T> call) throws EngineException {
    return run(operation, object, remedy, () -> within(limits.question, operation, call));
  }

  <T extends @Nullable Object> T change(
      String operation, String object, String remedy, Supplier<T> call) throws EngineException {
    return run(operation, object, remedy, () -> within(limits.change, operation, call));
  }

  /** A call that looks to its end itself. */
  <T extends @Nullable Object> T unbounded(
      String operation, String object, String remedy, Supplier<T> call) throws EngineException {
    return run(operation, object, remedy, call::get);
  }

  private interface Call<T extends @Nullable Object> {
    T run() throws EngineException;
  }

  /**
   * In a thread of its own: docker-java's response timeout has no effect on a Unix socket, and an
   * interrupt closes the connection.
   */
  private <T extends @Nullable Object> T within(Duration limit, String operation, Supplier<T> call)
      throws EngineException {
    FutureTask<T> answer = new FutureTask<>(call::get);
    Thread.ofVirtual().name("engine call").start(answer);
    try {
      return answer.get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e);
    } catch (TimeoutException e) {
      answer.cancel(true);
      throw new EngineException.Unreachable(
          operation,
          socket.toString(),
          "no answer within " + limit.toMillis() / 1000.0 + " s",
          "the engine hangs: see its log, and start it anew",
          e);
    } catch (InterruptedException e) {
      answer.cancel(true);
      Thread.currentThread().interrupt();
      throw new EngineException.Unreachable(
          operation, socket.toString(), "interrupted", "ask again", e);
    }
  }

  /** docker-java throws bare RuntimeExceptions for I/O errors. */
  private <T extends @Nullable Object> T run(
      String operation, String object, String remedy, Call<T> call) throws EngineException {
    try {
      return call.run();
    } catch (NotFoundException e) {
      throw new EngineException.Missing(operation, object, words(e), remedy, e);
    } catch (NotModifiedException e) {
      throw new EngineException(operation, object, "already so", remedy, e);
    } catch (DockerException | DockerClientException e) {
      throw new EngineException(operation, object, words(e), remedy, e);
    } catch (RuntimeException e) {
      Throwable root = e;
      while (root.getCause() != null) {
        root = root.getCause();
      }
      if (!(root instanceof IOException)) {
        throw e;
      }
      throw new EngineException.Unreachable(
          operation,
          socket.toString(),
          Objects.requireNonNullElse(root.getMessage(), root.toString()),
          "is the engine running? mayfly check tells what is missing",
          e);
    }
  }

  /** The engine's own words, out of docker-java's {@code Status 409: {"message":"…"}}. */
  static String words(Throwable e) {
    String message = Objects.requireNonNullElse(e.getMessage(), e.toString());
    int at = message.indexOf("{\"message\":\"");
    if (at < 0) {
      return message;
    }
    String words = message.substring(at + 12).strip();
    return words.endsWith("\"}") ? words.substring(0, words.length() - 2) : words;
  }
}
