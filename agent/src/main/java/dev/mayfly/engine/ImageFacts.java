package dev.mayfly.engine;

import java.util.List;
import java.util.Set;

/**
 * What an image says of itself.
 *
 * @param id digest of its configuration, {@code sha256:…}
 * @param digests the names with digest under which registries know it
 * @param environment {@code NAME=VALUE}
 * @param user as in the image: {@code user[:group]} by name or number, empty for root
 * @param volumes directories it declares as volumes
 * @param workingDirectory empty where it names none
 */
public record ImageFacts(
    String id,
    List<String> digests,
    List<String> environment,
    String user,
    Set<String> volumes,
    String workingDirectory) {
  public ImageFacts {
    digests = List.copyOf(digests);
    environment = List.copyOf(environment);
    volumes = Set.copyOf(volumes);
  }
}
