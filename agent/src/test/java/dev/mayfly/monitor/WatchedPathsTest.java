package dev.mayfly.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.event.WatchedName;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WatchedPathsTest {
  private static final Set<WatchedName.Use> WRITE = Set.of(WatchedName.Use.WRITE);

  private final WatchedPaths paths =
      new WatchedPaths(
          List.of(
              new WatchedName("cron.d", "", false, WRITE, Set.of()),
              new WatchedName(".ssh", "rc", false, WRITE, Set.of()),
              new WatchedName("", ".bashrc", false, WRITE, Set.of()),
              new WatchedName("gcloud", "", true, WRITE, Set.of())));

  @ParameterizedTest
  @CsvSource({
    "/etc/cron.d/x, true",
    "/etc/cron.d, true",
    "/etc/cron.d/sub/x, false",
    "/root/.ssh/rc, true",
    "/root/.ssh/other, false",
    "/srv/.bashrc, true",
    "/srv/bashrc, false",
    "/root/.config/gcloud/legacy/key, true",
    "/root/.config/gcloud/legacy, true",
    "/root/.config/gcloud, true",
    "x, false",
    "/, false",
  })
  void tellsChangesOfWatchedNamesAndOfTheirDirectories(String path, boolean told) {
    assertThat(paths.test(path)).isEqualTo(told);
  }
}
