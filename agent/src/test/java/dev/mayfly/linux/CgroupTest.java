package dev.mayfly.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
final class CgroupTest {
  @TempDir private Path mount = Path.of("");

  @Test
  void addsUpTheMemoryKillsOfTheGroupsBelowWhereAGroupCountsItsOwnAlone() throws IOException {
    write("mayfly/a-1/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n");
    write("mayfly/a-1/one/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
    write("mayfly/a-1/two/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");

    assertThat(group(false).memoryKills()).contains(3L);
  }

  @Test
  void doesNotInventMemoryKillsWhereTheGroupThatCountedThemIsGone() throws IOException {
    write("mayfly/a-1/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 0\n");

    assertThat(group(false).memoryKills()).isEmpty();
  }

  @Test
  void takesTheGroupsOwnMemoryKillsWhereItCountsThoseBelow() throws IOException {
    write("mayfly/a-1/memory.events", "low 0\nmax 7\noom 1\noom_kill 4\n");

    assertThat(group(true).memoryKills()).contains(4L);
  }

  @Test
  void hasTheKernelKillAllAtOnceWhereItCan() throws Exception {
    Process process = new ProcessBuilder("sleep", "1000").start();
    try {
      write("mayfly/a-1/cgroup.kill", "");
      write("mayfly/a-1/cgroup.procs", process.pid() + "\n");

      group(true).kill();

      assertThat(mount.resolve("mayfly/a-1/cgroup.kill")).hasContent("1");
      assertThat(process.isAlive()).isTrue();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void letsNothingBeMadeBeforeItKillsOneByOne() throws Exception {
    Process process = new ProcessBuilder("sleep", "1000").start();
    try {
      write("mayfly/a-1/cgroup.procs", process.pid() + "\n");
      write("mayfly/a-1/pids.max", "max\n");

      group(false, "pids").kill();

      assertThat(process.waitFor()).isEqualTo(128 + 9);
      assertThat(mount.resolve("mayfly/a-1/pids.max")).hasContent("0");
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void boundsItsProcesses() throws IOException {
    assertThat(group(false).limitProcesses(7)).isFalse();
    assertThat(group(false, "pids").limitProcesses(7)).isFalse();
    write("mayfly/a-1/pids.max", "max\n");
    assertThat(group(false, "pids").limitProcesses(7)).isTrue();
    assertThat(group(false, "pids").pidsLimit()).contains(7L);
  }

  @Test
  void hasTheGroupsAboveHandTheControllerDown() throws IOException {
    write("cgroup.controllers", "cpu pids\n");
    write("cgroup.subtree_control", "cpu pids\n");
    write("mayfly/cgroup.controllers", "pids\n");
    write("mayfly/cgroup.subtree_control", "\n");
    write("mayfly/a-1/pids.max", "max\n");

    assertThat(group(true, "pids").limitProcesses(7)).isTrue();

    assertThat(mount.resolve("cgroup.subtree_control")).hasContent("cpu pids\n");
    assertThat(mount.resolve("mayfly/cgroup.subtree_control")).hasContent("+pids");
    assertThat(group(true, "pids").pidsLimit()).contains(7L);
  }

  @Test
  void saysWhenTheGroupAboveIsNotGivenTheController() throws IOException {
    write("cgroup.controllers", "cpu pids\n");
    write("cgroup.subtree_control", "pids\n");
    write("mayfly/cgroup.controllers", "cpu\n");
    write("mayfly/cgroup.subtree_control", "cpu\n");
    write("mayfly/a-1/pids.max", "max\n");

    assertThat(group(true, "pids").limitProcesses(7)).isFalse();

    assertThat(mount.resolve("mayfly/a-1/pids.max")).hasContent("max\n");
  }

  private void write(String file, String text) throws IOException {
    Path path = mount.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private Cgroup group(boolean unified) {
    return group(unified, "memory");
  }

  private Cgroup group(boolean unified, String controller) {
    return new Cgroups(List.of(new Cgroups.Hierarchy(mount, "/", unified, Set.of(controller))))
        .at("/mayfly/a-1");
  }
}
