package dev.mayfly.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Accounts for tests. */
public final class SampleAccount {
  private SampleAccount() {}

  /** Who runs the test, and so may give files to itself. */
  public static Account own() throws IOException {
    Path self = Path.of("/proc/self");
    return new Account(
        "tester",
        (Integer) Files.getAttribute(self, "unix:uid"),
        (Integer) Files.getAttribute(self, "unix:gid"));
  }
}
