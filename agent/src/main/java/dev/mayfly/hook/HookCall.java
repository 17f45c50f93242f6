package dev.mayfly.hook;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a runner called its hook for.
 *
 * @param name of the call, the hook's first argument
 * @param arguments those after it
 * @param environment of the hook, with values as bytes; a name that is there twice has its first
 *     value
 * @param response the file that tells of the job, where the hook had one
 * @param script what is to be run; empty where nothing is
 */
public record HookCall(
    String name,
    List<String> arguments,
    Map<String, byte[]> environment,
    Optional<byte[]> response,
    byte[] script) {
  public HookCall {
    arguments = List.copyOf(arguments);
    environment = Map.copyOf(environment);
  }

  /** A variable as text. */
  public Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name))
        .map(value -> new String(value, StandardCharsets.UTF_8));
  }
}
