package dev.mayfly.engine;

import java.util.List;
import java.util.Set;

/**
 * What an image says of itself.
 *
 * @param id digest of its configuration, {@code sha256:…}
 * @param environment {@code NAME=VALUE}
 * @param user as in the image: {@code user[:group]} by name or number, empty for root
 * @param volumes directories it declares as volumes
 */
public record ImageFacts(
    String id, List<String> environment, String user, Set<String> volumes, Start start) {
  public ImageFacts {
    environment = List.copyOf(environment);
    volumes = Set.copyOf(volumes);
  }

  /** An image that does not say how it is started. */
  public ImageFacts(String id, List<String> environment, String user, Set<String> volumes) {
    this(id, environment, user, volumes, new Start(List.of(), List.of(), List.of()));
  }

  /**
   * How it is meant to be started.
   *
   * @param entrypoint comes before whatever is to be executed
   * @param command what is executed where nobody says anything else
   * @param ports of TCP that its programs listen on, in ascending order
   */
  public record Start(List<String> entrypoint, List<String> command, List<Integer> ports) {
    public Start {
      entrypoint = List.copyOf(entrypoint);
      command = List.copyOf(command);
      ports = List.copyOf(ports);
    }
  }
}
