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

  private void write(String file, String text) throws IOException {
    Path path = mount.resolve(file);
    Files.createDirectories(path.getParent());
    Files.writeString(path, text);
  }

  private Cgroup group(boolean unified) {
    return new Cgroups(List.of(new Cgroups.Hierarchy(mount, unified, Set.of("memory"))))
        .at("/mayfly/a-1");
  }
}
