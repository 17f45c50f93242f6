package dev.mayfly.linux;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** Control groups that are ordinary directories, for tests that play the kernel. */
public final class SampleCgroups {
  private SampleCgroups() {}

  /** A hierarchy of v2 without controllers. */
  public static Cgroups unified(Path mount) {
    return new Cgroups(List.of(new Cgroups.Hierarchy(mount, "/", true, Set.of())));
  }
}
