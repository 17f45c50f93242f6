package dev.mayfly.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.linux.Cgroup.Usage;
import dev.mayfly.linux.Cgroups.Mode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Control groups as hosts with v1, with v2 and with both have them. */
final class CgroupsTest {
  private static final String GROUP = "/mayfly/a-1";

  private final Path root;

  CgroupsTest(@TempDir Path root) {
    this.root = root;
  }

  private Cgroups on(Mode mode) throws IOException {
    StringBuilder mountinfo = new StringBuilder("20 1 0:1 / / rw - ext4 /dev/root rw\n");
    List<String> v1 =
        switch (mode) {
          case V1 -> List.of("cpu,cpuacct", "memory", "pids", "blkio");
          case HYBRID -> List.of("cpu", "cpuacct", "memory", "pids", "blkio");
          case V2 -> List.of();
        };
    for (String controllers : v1) {
      Path mount = Files.createDirectories(root.resolve(controllers));
      mountinfo.append(
          "21 20 0:2 / %s rw shared:9 - cgroup cgroup rw,xattr,%s\n".formatted(mount, controllers));
    }
    if (mode != Mode.V1) {
      Path mount = mode == Mode.V2 ? root : root.resolve("unified");
      write(mount + "/cgroup.controllers", mode == Mode.V2 ? "cpu io memory pids\n" : "\n");
      mountinfo.append("22 20 0:3 / %s rw - cgroup2 cgroup2 rw,nsdelegate\n".formatted(mount));
    }
    return Cgroups.of(Mounts.parse(mountinfo.toString().getBytes(StandardCharsets.UTF_8)));
  }

  /** Where the hierarchy of the controller is, below the root. */
  private static String mount(Mode mode, String controller) {
    return mode == Mode.V2 ? "." : controller;
  }

  private void write(String file, String text) throws IOException {
    Path path = root.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private void write(String hierarchy, String file, String text) throws IOException {
    write(hierarchy + GROUP + "/" + file, text);
  }

  @ParameterizedTest
  @EnumSource
  void tellsWhatIsMounted(Mode mode) throws IOException {
    assertThat(on(mode).mode()).isEqualTo(mode);
  }

  @ParameterizedTest
  @CsvSource({
    "V1, memory, memory, false",
    "V1, cpuacct, 'cpu,cpuacct', false",
    "HYBRID, memory, memory, false",
    "V2, memory, '', true",
    "V2, io, '', true"
  })
  void findsTheHierarchyOfAController(Mode mode, String controller, String mount, boolean unified)
      throws IOException {
    assertThat(on(mode).withController(controller))
        .hasValueSatisfying(
            found -> {
              assertThat(found.mount()).isEqualTo(root.resolve(mount));
              assertThat(found.unified()).isEqualTo(unified);
            });
  }

  @ParameterizedTest
  @CsvSource({"V1, rw", "V1, xattr", "V1, io", "HYBRID, io", "V2, blkio", "V2, hugetlb"})
  void findsNoHierarchyOfWhatIsNoControllerThere(Mode mode, String controller) throws IOException {
    assertThat(on(mode).withController(controller)).isEmpty();
  }

  @Test
  void refusesAHostWithoutControlGroups() {
    byte[] mountinfo = "20 1 0:1 / / rw - ext4 /dev/root rw\n".getBytes(StandardCharsets.UTF_8);

    assertThatThrownBy(() -> Cgroups.of(Mounts.parse(mountinfo)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("mount cgroup2 on /sys/fs/cgroup");
  }

  @ParameterizedTest
  @EnumSource
  void readsLimits(Mode mode) throws IOException {
    Cgroup group = on(mode).at(GROUP);
    String memory = mode == Mode.V2 ? "memory.max" : "memory.limit_in_bytes";

    write(mount(mode, "memory"), memory, "1073741824\n");
    write(mount(mode, "pids"), "pids.max", "512\n");

    assertThat(group.memoryLimit()).contains(1L << 30);
    assertThat(group.pidsLimit()).contains(512L);
  }

  @ParameterizedTest
  @CsvSource({
    "V1, memory.limit_in_bytes, 9223372036854771712",
    "V1, memory.limit_in_bytes, 9223372036854710272",
    "HYBRID, memory.limit_in_bytes, 9223372036854771712",
    "V2, memory.max, max"
  })
  void tellsNoLimitWhereThereIsNone(Mode mode, String file, String none) throws IOException {
    Cgroup group = on(mode).at(GROUP);

    write(mount(mode, "memory"), file, none + "\n");
    write(mount(mode, "pids"), "pids.max", "max\n");

    assertThat(group.memoryLimit()).isEmpty();
    assertThat(group.pidsLimit()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"V1, 'cpu,cpuacct'", "HYBRID, cpuacct"})
  void readsTheUsageThatV1Keeps(Mode mode, String cpuacct) throws IOException {
    Cgroup group = on(mode).at(GROUP);
    write(cpuacct, "cpuacct.usage", "1500000001\n");
    write("memory", "memory.max_usage_in_bytes", "4096\n");
    write("pids", "pids.peak", "7\n");
    write(
        "blkio",
        "blkio.throttle.io_service_bytes_recursive",
        "8:0 Read 1\n8:0 Total 3\n8:16 Total 4\nTotal 7\n");

    assertThat(group.usage())
        .isEqualTo(
            new Usage(
                Optional.of(Duration.ofNanos(1_500_000_001)),
                Optional.of(4096L),
                Optional.of(7L),
                Optional.of(7L)));
  }

  @Test
  void readsTheUsageThatV2Keeps() throws IOException {
    Cgroup group = on(Mode.V2).at(GROUP);
    write(".", "cpu.stat", "usage_usec 1500000\nuser_usec 1\nsystem_usec 2\n");
    write(".", "memory.peak", "4096\n");
    write(".", "pids.peak", "7\n");
    write(".", "io.stat", "8:0 rbytes=1 wbytes=2 rios=90 dbytes=90\n8:16 rbytes=4 wbytes=0\n");

    assertThat(group.usage())
        .isEqualTo(
            new Usage(
                Optional.of(Duration.ofMillis(1500)),
                Optional.of(4096L),
                Optional.of(7L),
                Optional.of(7L)));
  }

  @ParameterizedTest
  @EnumSource
  void tellsUnknownInsteadOfZeroWhereTheKernelKeepsNoCount(Mode mode) throws IOException {
    Cgroup group = on(mode).at(GROUP);
    Files.createDirectories(root.resolve(mount(mode, "memory") + GROUP));

    assertThat(group.exists()).isTrue();
    assertThat(group.usage()).isEqualTo(Usage.UNKNOWN);
    assertThat(group.memoryLimit()).isEmpty();
    assertThat(group.pidsLimit()).isEmpty();
    assertThat(group.memoryKills()).isEmpty();
  }

  @Test
  void refusesToReadWhatIsNoNumber() throws IOException {
    Cgroup group = on(Mode.V2).at(GROUP);
    write(".", "pids.max", "many\n");

    assertThatThrownBy(group::pidsLimit)
        .isInstanceOf(IOException.class)
        .hasMessageEndingWith("/mayfly/a-1/pids.max has no number but \"many\"");
  }

  @ParameterizedTest
  @CsvSource({"V1, memory, pids", "HYBRID, memory, unified", "V2, ., ."})
  void listsTheProcessesOfAllHierarchiesAndOfTheGroupsBelow(Mode mode, String one, String other)
      throws IOException {
    Cgroup group = on(mode).at(GROUP);
    write(one, "cgroup.procs", "11\n12\n");
    write(other, "below/cgroup.procs", "12\n13\n");

    assertThat(group.processes()).containsExactly(11L, 12L, 13L);
    assertThat(group.childOf(13)).map(Cgroup::path).contains(GROUP + "/below");
    assertThat(group.childOf(11)).isEmpty();
  }

  @Test
  void tellsNoProcessOfAnotherPidNamespaceAsIfItWereOne() throws IOException {
    Cgroup group = on(Mode.V2).at(GROUP);
    write(".", "cgroup.procs", "11\n0\n");

    assertThatThrownBy(group::processes)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("run Mayfly in the host's");
  }

  @ParameterizedTest
  @CsvSource({"V1, memory, pids", "HYBRID, memory, unified", "V2, ., ."})
  void removesAGroupAndThoseBelowItFromEveryHierarchy(Mode mode, String one, String other)
      throws IOException {
    Cgroup group = on(mode).at(GROUP);
    Files.createDirectories(root.resolve(one + GROUP + "/below/deeper"));
    Files.createDirectories(root.resolve(other + GROUP + "/beside"));
    Files.createDirectories(root.resolve(other + "/mayfly/a-2"));
    assertThat(group.exists()).isTrue();

    assertThat(group.remove()).isTrue();

    assertThat(group.exists()).isFalse();
    assertThat(on(mode).childrenOf("/mayfly")).isEqualTo(Set.of("a-2"));
  }

  @Test
  void tellsWhatCannotBeRemoved() throws IOException {
    Cgroup group = on(Mode.V1).at(GROUP);
    Files.createDirectories(root.resolve("pids" + GROUP));
    write("memory" + GROUP + "/below/in-use", "");

    assertThat(group.remove()).isFalse();

    assertThat(group.exists()).isTrue();
  }

  @Test
  void findsNothingOfAGroupThatIsNotThere() throws IOException {
    Cgroup group = on(Mode.HYBRID).at(GROUP);

    assertThat(group.exists()).isFalse();
    assertThat(group.processes()).isEmpty();
    assertThat(group.usage()).isEqualTo(Usage.UNKNOWN);
    assertThat(group.remove()).isTrue();
    assertThat(on(Mode.HYBRID).childrenOf(GROUP)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"/mayfly/../docker", "mayfly", "/", "/a b", "''"})
  void refusesWhatIsNoPathOfAGroup(String path) {
    assertThatThrownBy(() -> on(Mode.V2).at(path)).isInstanceOf(IllegalArgumentException.class);
  }
}
