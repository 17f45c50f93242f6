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
public record ImageFacts(String id, List<String> environment, String user, Set<String> volumes) {
  public ImageFacts {
    environment = List.copyOf(environment);
    volumes = Set.copyOf(volumes);
  }
}
