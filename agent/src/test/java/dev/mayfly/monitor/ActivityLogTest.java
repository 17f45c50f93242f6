package dev.mayfly.monitor;

import static dev.mayfly.monitor.SampleEvents.created;
import static dev.mayfly.monitor.SampleEvents.executed;
import static dev.mayfly.monitor.SampleEvents.exited;
import static dev.mayfly.monitor.SampleEvents.forked;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.event.Event;
import dev.mayfly.event.Observation;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ActivityLogTest {
  private final ProcessTree tree = new ProcessTree();
  private final ActivityLog log = new ActivityLog();

  private void add(Event event) {
    log.add(new Observation(event, tree.apply(event)));
  }

  private SandboxActivity activity() {
    return log.activity(Optional.of("ebpf"), List.of(), List.of());
  }

  @Test
  void tellsEachProcessWithItsProgramsAndItsEnd() {
    add(executed(1, 0, "/bin/sh", "sh", "job"));
    add(forked(1, 2));
    add(executed(2, 1, "/bin/false", "false"));
    add(exited(2, 1 << 8));

    assertThat(activity().processes())
        .satisfiesExactly(
            first ->
                assertThat(first.programs().getFirst().arguments()).containsExactly("sh", "job"),
            second -> {
              assertThat(second.parent()).hasValue(1);
              assertThat(second.status()).hasValue(1 << 8);
              assertThat(second.endNs()).isPresent();
            });
    assertThat(activity().events()).containsEntry("executed", 2L).containsEntry("exited", 1L);
  }

  @Test
  void countsTheProgramsOfProcessesForWhichThereIsNoRoom() {
    add(executed(1, 0, "/bin/sh", "sh"));
    int more = 50;
    for (int pid = 2; pid < ActivityLog.MOST_PROCESSES + 1 + more; pid++) {
      add(forked(1, pid));
      add(executed(pid, 1, "/bin/true", "true"));
      add(exited(pid, 0));
    }
    assertThat(activity().processes()).hasSize(ActivityLog.MOST_PROCESSES);
    assertThat(activity().further())
        .containsExactly(new SandboxActivity.FurtherPrograms("/bin/true", "/bin/sh", more));
  }

  @Test
  void cutsArgumentsAndSaysSo() {
    add(executed(1, 0, "/bin/echo", "echo", "x".repeat(5_000), "end"));
    SandboxActivity.Program told = activity().processes().getFirst().programs().getFirst();
    assertThat(told.cut()).isTrue();
    assertThat(told.arguments()).hasSize(2);
    assertThat(told.arguments().get(1)).hasSizeBetween(900, 1_024).endsWith("x…");
  }

  @Test
  void countsFilesForWhichThereIsNoRoom() {
    for (int i = 0; i < ActivityLog.MOST_FILES + 7; i++) {
      add(created(1, "/etc/cron.d/" + i));
    }
    add(created(1, "/etc/cron.d/0"));
    assertThat(activity().files()).hasSize(ActivityLog.MOST_FILES);
    assertThat(activity().files().getFirst().count()).isEqualTo(2);
    assertThat(activity().furtherFiles()).isEqualTo(7);
  }
}
