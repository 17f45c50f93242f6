package dev.mayfly.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** A job in a container that somebody makes, uses and removes with the engine's own client. */
final class ByHand implements JobWay {
  private final Docker client;
  private final Path program;

  ByHand(Docker client, Path program) {
    this.client = client;
    this.program = program;
  }

  @Override
  public Calls run(Stages stages, OutputStream log) throws IOException, InterruptedException {
    ByteArrayOutputStream made = new ByteArrayOutputStream();
    Calls calls = new Calls();
    calls.take(
        Calls.PREPARE,
        () -> {
          Programs.run(new ProcessBuilder(client.create(program)), made);
          call(OutputStream.nullOutputStream(), "start", id(made));
        });
    for (Map.Entry<String, Path> stage : stages.scripts().entrySet()) {
      ProcessBuilder exec =
          new ProcessBuilder(
                  client.program(program, "exec", "--interactive", id(made), "/bin/bash"))
              .redirectInput(stage.getValue().toFile());
      calls.take(stage.getKey(), () -> Programs.run(exec, log));
    }
    calls.take(
        Calls.CLEANUP,
        () -> call(OutputStream.nullOutputStream(), "rm", "--force", "--volumes", id(made)));
    calls.gone();
    return calls;
  }

  private void call(OutputStream output, String... arguments)
      throws IOException, InterruptedException {
    Programs.run(new ProcessBuilder(client.program(program, arguments)), output);
  }

  private static String id(ByteArrayOutputStream made) {
    return made.toString(StandardCharsets.UTF_8).strip();
  }
}
