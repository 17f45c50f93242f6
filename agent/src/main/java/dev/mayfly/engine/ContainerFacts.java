package dev.mayfly.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What an engine says of one container now.
 *
 * @param pid of its PID 1 as the host numbers it; empty while it does not run
 * @param upperDirectory on the host, what the container writes over its image; empty where the
 *     storage driver has no such directory
 */
public record ContainerFacts(
    boolean running, Optional<Long> pid, Optional<Path> upperDirectory, List<Volume> volumes) {
  public ContainerFacts {
    volumes = List.copyOf(volumes);
  }

  /**
   * A volume of a container.
   *
   * @param target where the container sees it
   * @param source where it is on the host
   */
  public record Volume(String name, String target, Path source) {}
}
