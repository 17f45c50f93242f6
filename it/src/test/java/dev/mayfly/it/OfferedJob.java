package dev.mayfly.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/** A job that the coordinator has to give, and what a runner told about it. */
final class OfferedJob {
  /** For everything that is awaited. */
  private static final Duration LIMIT = Duration.ofMinutes(5);

  private static final Set<String> FAILURE_REASONS =
      Set.of(
          "script_failure",
          "runner_system_failure",
          "job_execution_timeout",
          "image_pull_failure",
          "unknown_failure",
          "runner_configuration_error",
          "runner_external_dependency_failure",
          "runner_interrupted",
          "job_canceled");

  /** Those that each GitLab knows. */
  private static final Set<String> OLD_REASONS =
      Set.of("script_failure", "runner_system_failure", "job_execution_timeout", "unknown_failure");

  /** What a runner said of a job at last; the reason is empty and the code 0 of a success. */
  record Outcome(String state, String failureReason, int exitCode) {
    static final Outcome SUCCESS = new Outcome("success", "", 0);

    static Outcome scriptFailure(int exitCode) {
      return new Outcome("failed", "script_failure", exitCode);
    }

    static Outcome failed(String reason) {
      return new Outcome("failed", reason, 0);
    }
  }

  /** An answer of the coordinator's: headers by name, without a body. */
  record Answer(int status, Map<String, String> headers) {}

  private final ObjectNode body;
  private final Consumer<String> violation;
  private final ByteArrayOutputStream trace = new ByteArrayOutputStream();
  private final CRC32 sum = new CRC32();
  private final Map<String, byte[]> artifacts = new HashMap<>();
  private final Queue<Integer> answersToEnd = new ArrayDeque<>();
  private final Set<String> knownReasons = new HashSet<>(OLD_REASONS);
  private final CompletableFuture<Void> taken = new CompletableFuture<>();
  private final CompletableFuture<Void> told = new CompletableFuture<>();
  private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
  private String status = "pending";
  private int losses;
  private boolean resent;

  OfferedJob(ObjectNode body, Consumer<String> violation) {
    this.body = body;
    this.violation = text -> violation.accept("job " + body.path("id").asLong() + ": " + text);
    body.path("features")
        .path("failure_reasons")
        .forEach(reason -> knownReasons.add(reason.asText()));
  }

  long id() {
    return body.path("id").asLong();
  }

  String token() {
    return body.path("token").asText();
  }

  JsonNode body() {
    return body;
  }

  /** Tells the runner to end the user's script; after_script and the rest still run. */
  synchronized void canceling() {
    status = "canceling";
  }

  /** Has the runner give it up; each further word about it is refused. */
  synchronized void canceled() {
    status = "canceled";
  }

  /** Forgets what it has of the log, once, so that the runner has to send it again from there. */
  synchronized void loseTraceOnce() {
    losses++;
  }

  /** Answers the end with these before it takes it: 202 (ask again), 412 (send the log again). */
  synchronized void answerEndWith(Integer... statuses) {
    answersToEnd.addAll(List.of(statuses));
  }

  /** Waits until a runner has it. */
  void awaitTaken() {
    await(taken, "no runner took it");
  }

  /** Waits until the runner was told that it is canceled. */
  void awaitAbandoned() {
    await(told, "the runner did not ask");
  }

  /** Waits for what the runner says at last. */
  Outcome awaitOutcome() {
    return await(outcome, "the runner did not end it");
  }

  private <T> T await(CompletableFuture<T> future, String otherwise) {
    try {
      return future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError(
          "%s within %s: job %d is %s; its log: %s"
              .formatted(otherwise, LIMIT, id(), state(), trace()),
          e);
    } catch (ExecutionException e) {
      throw new AssertionError(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Waits until the log holds a text. */
  synchronized void awaitTrace(String text) {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (!trace().contains(text)) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0 || outcome.isDone()) {
        throw new AssertionError("\"%s\" is not in the log: %s".formatted(text, trace()));
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError(e);
      }
    }
  }

  /** Its log up to now. */
  synchronized String trace() {
    return trace.toString(StandardCharsets.UTF_8);
  }

  synchronized byte[] traceBytes() {
    return trace.toByteArray();
  }

  /** pending, running, canceling, canceled, success or failed. */
  synchronized String state() {
    return status;
  }

  /** What was uploaded as this type. */
  synchronized byte[] artifact(String type) {
    byte @Nullable [] content = artifacts.get(type);
    if (content == null) {
      throw new AssertionError("job %d uploaded no %s: %s".formatted(id(), type, trace()));
    }
    return content;
  }

  synchronized boolean hasArtifact(String type) {
    return artifacts.containsKey(type);
  }

  synchronized void take() {
    status = "running";
    taken.complete(null);
  }

  synchronized boolean isRunning() {
    return status.equals("running") || status.equals("canceling");
  }

  synchronized Answer store(String type, byte[] content) {
    if (!isRunning()) {
      return refusal();
    }
    if (artifacts.put(type, content) != null) {
      violation.accept("two artifacts of type " + type);
    }
    return answer(201);
  }

  /** A part of the log. */
  synchronized Answer append(long start, long end, byte[] content) {
    if (!isRunning()) {
      return refusal();
    }
    if (content.length == 0 || end != start + content.length - 1) {
      violation.accept("Content-Range %d-%d of %d bytes".formatted(start, end, content.length));
    }
    if (losses > 0 && trace.size() > 0) {
      losses--;
      resent = true;
      keep(trace.size() / 2);
    }
    if (start != trace.size()) {
      if (!resent) {
        violation.accept("log from %d on, but %d are there".formatted(start, trace.size()));
      }
      resent = false;
      return new Answer(416, Map.of("Range", "0-" + trace.size(), "Job-Status", status));
    }
    trace.writeBytes(content);
    sum.update(content);
    notifyAll();
    return new Answer(202, Map.of("Range", "0-" + trace.size(), "Job-Status", status));
  }

  private void keep(int size) {
    byte[] kept = Arrays.copyOf(trace.toByteArray(), size);
    trace.reset();
    trace.writeBytes(kept);
    sum.reset();
    sum.update(kept);
  }

  /** The state as the runner sees it. */
  synchronized Answer update(JsonNode said) {
    if (!isRunning()) {
      return refusal();
    }
    String state = said.path("state").asText();
    checkForm(said, state);
    if (state.equals("running")) {
      return answer(200);
    }
    checkWhole(said);
    Integer other = answersToEnd.poll();
    if (other != null) {
      if (other == 412) {
        keep(0);
      }
      return answer(other);
    }
    status = status.equals("canceling") ? "canceled" : state;
    outcome.complete(
        new Outcome(
            state, said.path("failure_reason").asText(""), said.path("exit_code").asInt(0)));
    notifyAll();
    return answer(200);
  }

  private void checkForm(JsonNode said, String state) {
    String reason = said.path("failure_reason").asText("");
    switch (state) {
      case "running", "success" -> {
        if (!reason.isEmpty() || said.path("exit_code").asInt(0) != 0) {
          violation.accept(state + " with failure_reason " + reason);
        }
      }
      case "failed" -> {
        if (!FAILURE_REASONS.contains(reason) || !knownReasons.contains(reason)) {
          violation.accept("failure_reason \"" + reason + "\" is unknown here");
        }
      }
      default -> violation.accept("state \"" + state + "\"");
    }
  }

  /** The last word has to come after all of the log. */
  private void checkWhole(JsonNode said) {
    String checksum = "crc32:%x".formatted(sum.getValue());
    if (!said.path("checksum").asText().equals(checksum)
        || !said.path("output").path("checksum").asText(checksum).equals(checksum)
        || said.path("output").path("bytesize").asLong(trace.size()) != trace.size()) {
      violation.accept(
          "ends with %s, but %d bytes with %s are there".formatted(said, trace.size(), checksum));
    }
  }

  private Answer answer(int code) {
    return new Answer(code, Map.of("Job-Status", status));
  }

  private Answer refusal() {
    if (status.equals("canceled")) {
      told.complete(null);
    } else {
      violation.accept("spoken about while it is " + status);
    }
    return answer(403);
  }
}
