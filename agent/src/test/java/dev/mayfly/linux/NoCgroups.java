package dev.mayfly.linux;

import java.util.List;

/** A host without control groups, for tests that must not see this one's. */
public final class NoCgroups {
  private NoCgroups() {}

  public static Cgroups make() {
    return new Cgroups(List.of());
  }
}
