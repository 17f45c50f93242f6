package dev.mayfly.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.linux.Mounts.Mount;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DiskGuardTest {
  private static final String DISK = "7:3";

  private static Mount mount(String target, String root, String fileSystem, String device) {
    return new Mount(Path.of(target), root, fileSystem, "source", device, true, Set.of("rw"));
  }

  private static Optional<String> unbounded(Mount mount) {
    return DiskGuard.unbounded(
        List.of(mount("/workspace", "/volumes/0", "ext4", DISK), mount),
        DISK,
        m -> m.target().startsWith("/dev"));
  }

  @ParameterizedTest
  @CsvSource({
    "/, /, overlay, 0:39",
    "/etc/hosts, /etc/hosts, ext4, 7:3",
    "/tmp, /, tmpfs, 0:49",
    "/proc, /, proc, 0:43",
    "/proc/bus, /bus, proc, 0:43",
    "/sys, /, sysfs, 0:44",
    "/sys/fs/cgroup, /, cgroup2, 0:45",
    "/dev/null, /null, devtmpfs, 0:6",
    "/dev/zero, /zero, tmpfs, 0:12"
  })
  void acceptsWhatIsOnTheDiskOrKeepsNoData(
      String target, String root, String fileSystem, String device) {
    assertThat(unbounded(mount(target, root, fileSystem, device))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/etc/hosts, /var/lib/mayfly/hosts, ext4, 254:0",
    "/cache, /var/lib/docker/volumes/v/_data, xfs, 8:1",
    "/other, /volumes/0, ext4, 7:4",
    "/run/.containerenv, /containers/x/.containerenv, tmpfs, 0:21",
    "/shared, /, fuse.sshfs, 0:50"
  })
  void refusesWhatIsOnTheHostsFileSystems(
      String target, String root, String fileSystem, String device) {
    assertThat(unbounded(mount(target, root, fileSystem, device))).contains('"' + target + '"');
  }

  @Test
  void acceptsWhatCannotBeWrittenThrough() {
    assertThat(
            unbounded(
                new Mount(Path.of("/.mayfly"), "/lib", "ext4", "a", "254:0", false, Set.of("rw"))))
        .isEmpty();
  }
}
