package dev.mayfly.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** How long each of the calls of a job took, in their order. */
final class Calls {
  /** Before the first stage, and after the last. */
  static final String PREPARE = "prepare";

  static final String CLEANUP = "cleanup";

  private final long start = System.nanoTime();
  private final Map<String, Duration> took = new LinkedHashMap<>();
  private Duration gone = Duration.ZERO;

  /** A part of a job. */
  interface Call {
    void make() throws IOException, InterruptedException;
  }

  /** Makes a call. */
  void take(String name, Call call) throws IOException, InterruptedException {
    long begin = System.nanoTime();
    call.make();
    took.put(name, Duration.ofNanos(System.nanoTime() - begin));
  }

  /** To be called when nothing is left of the job. */
  void gone() {
    gone = Duration.ofNanos(System.nanoTime() - start);
  }

  Map<String, Duration> took() {
    return Collections.unmodifiableMap(took);
  }

  /** From the first call's start to the last one's end. */
  Duration total() {
    return took.values().stream().reduce(Duration.ZERO, Duration::plus);
  }

  /** From the first call's start until nothing was left. */
  Duration untilGone() {
    return gone;
  }
}
