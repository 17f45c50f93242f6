package dev.mayfly.it;

import dev.mayfly.engine.ContainerId;
import dev.mayfly.engine.DockerEngine;
import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.Labelled;
import dev.mayfly.linux.Processes;
import dev.mayfly.sandbox.SandboxId;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A {@code mayfly exec} that runs while the test does something to it. Closing it kills it. */
final class RunningExec implements AutoCloseable {
  private final Process process;
  private final InputStream stdout;
  private final CompletableFuture<byte[]> stderr;

  RunningExec(Process process) {
    this.process = process;
    this.stdout = new BufferedInputStream(process.getInputStream());
    this.stderr = Mayfly.collect(process.getErrorStream());
  }

  /** Waits until the command has written this line to its standard output. */
  void awaitLine(String expected) throws IOException {
    awaitLineWith(expected::equals, expected);
  }

  /** Waits until the command has written a line that begins so, and returns it. */
  String awaitLineOf(String beginning) throws IOException {
    return awaitLineWith(line -> line.startsWith(beginning), beginning + "…");
  }

  private String awaitLineWith(Predicate<String> wanted, String description) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    while (true) {
      int next = stdout.read();
      if (next < 0) {
        throw new AssertionError(
            "ended without the line \"%s\"; stderr: %s"
                .formatted(description, text(stderr.join())));
      }
      if (next != '\n') {
        line.write(next);
      } else if (wanted.test(text(line.toByteArray()))) {
        return text(line.toByteArray());
      } else {
        line.reset();
      }
    }
  }

  /**
   * Signals Mayfly itself.
   *
   * @param number as signal(7) numbers it
   */
  void signal(int number) throws IOException {
    Processes.signal(process.pid(), number);
  }

  /** Gives the command some standard input. */
  void input(byte[] bytes) throws IOException {
    process.getOutputStream().write(bytes);
    process.getOutputStream().flush();
  }

  /** Ends the command's standard input. */
  void endInput() throws IOException {
    process.getOutputStream().close();
  }

  long pid() {
    return process.pid();
  }

  /** PID 1 of its sandbox on the private engine, as the host numbers it. */
  long pid1() throws EngineException {
    try (Engine engine = DockerEngine.connect(Site.privateEngine())) {
      for (Labelled container : engine.containers(SandboxId.LABEL)) {
        if (("exec-" + pid()).equals(container.labels().get("dev.mayfly.job"))) {
          return engine.inspect(new ContainerId(container.id())).pid().orElseThrow();
        }
      }
    }
    throw new AssertionError("no sandbox runs for mayfly exec " + pid());
  }

  /** Waits for its end; the result holds what was written after the last awaited line. */
  Mayfly.Result await() throws InterruptedException {
    CompletableFuture<byte[]> rest = Mayfly.collect(stdout);
    if (!process.waitFor(Mayfly.LIMIT.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("did not end within " + Mayfly.LIMIT);
    }
    return new Mayfly.Result(process.exitValue(), rest.join(), text(stderr.join()));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  /** When this returns, the process has let go of its claim. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }
}
