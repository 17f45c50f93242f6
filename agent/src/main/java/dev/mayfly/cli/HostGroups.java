package dev.mayfly.cli;

import dev.mayfly.config.MayflyConfig;
import dev.mayfly.egress.EgressGroups;
import dev.mayfly.egress.HostRegistries;
import java.nio.file.Path;
import java.util.List;

/**
 * The groups of this host.
 *
 * @param problems what of its clients' configuration could not be read
 */
record HostGroups(EgressGroups groups, List<String> problems) {

  static HostGroups read(MayflyConfig config) {
    String home = System.getenv().getOrDefault("HOME", "/root");
    HostRegistries.Reading reading =
        HostRegistries.read(Path.of("/"), home.startsWith("/") ? home : "/root", System.getenv());
    return new HostGroups(EgressGroups.of(config.egressGroups(), reading), reading.problems());
  }
}
