package dev.mayfly.supervisor;

import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.PullPolicy;
import java.util.List;
import java.util.Optional;

/**
 * A program that a job has beside it, in a container of its own on the job's network.
 *
 * @param pulls what may be done to have its image, in turn, where the policy leaves that; empty:
 *     what the policy says
 * @param entrypoint in place of the image's own
 * @param command in place of the image's own
 * @param aliases host names that the job knows it by
 * @param environment {@code NAME=VALUE}, over the image's own, as bytes
 * @param port of TCP that tells that it is ready; empty: any that the image exposes
 */
public record ServiceRequest(
    ImageReference image,
    List<PullPolicy> pulls,
    Optional<List<String>> entrypoint,
    Optional<List<String>> command,
    List<String> aliases,
    List<byte[]> environment,
    Optional<Integer> port) {
  public ServiceRequest {
    pulls = List.copyOf(pulls);
    aliases = List.copyOf(aliases);
    environment = List.copyOf(environment);
  }

  /** For messages. */
  String name() {
    return aliases.isEmpty() ? image.toString() : aliases.getFirst() + " (" + image + ")";
  }
}
