package dev.mayfly.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.monitor.DiskPlaces.Seen;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class DiskPlacesTest {
  private final DiskPlaces places =
      new DiskPlaces(
          List.of(
              new DiskWatch.Place("container/diff", "/", true),
              new DiskWatch.Place("volumes/1", "/workspace", false),
              new DiskWatch.Place("volumes/10", "/workspace/cache/", false)));

  private Optional<Seen> seen(String path) {
    return places.seen(path);
  }

  @Test
  void seesTheWritableLayerAsTheRoot() {
    assertThat(seen("container/diff")).contains(new Seen("/", true));
    assertThat(seen("container/diff/etc/cron.d")).contains(new Seen("/etc/cron.d/", true));
  }

  @Test
  void seesVolumesWhereTheyAreMounted() {
    assertThat(seen("volumes/1")).contains(new Seen("/workspace/", false));
    assertThat(seen("volumes/1/a b")).contains(new Seen("/workspace/a b/", false));
    assertThat(seen("volumes/10/x")).contains(new Seen("/workspace/cache/x/", false));
  }

  @Test
  void seesNothingElse() {
    assertThat(List.of("", "container", "container/work/work/#1", "container/diffs", "volumes/2"))
        .allSatisfy(path -> assertThat(seen(path)).isEmpty());
  }

  @Test
  void seesAllOfADiskThatIsOnePlace() {
    DiskPlaces whole = new DiskPlaces(List.of(new DiskWatch.Place("", "/data", false)));
    assertThat(whole.seen("")).contains(new Seen("/data/", false));
    assertThat(whole.seen("a/b")).contains(new Seen("/data/a/b/", false));
  }

  @Test
  void takesTheInnermostPlace() {
    DiskPlaces nested =
        new DiskPlaces(
            List.of(
                new DiskWatch.Place("a", "/outer", false),
                new DiskWatch.Place("a/b", "/inner", true)));
    assertThat(nested.seen("a/b/c")).contains(new Seen("/inner/c/", true));
    assertThat(nested.seen("a/bc")).contains(new Seen("/outer/bc/", false));
  }
}
