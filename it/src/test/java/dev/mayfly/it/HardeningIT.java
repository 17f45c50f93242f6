package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What a job can do to the kernel and to PID 1, whoever it is, and though nobody watches; and that
 * the probe can elsewhere.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HardeningIT {
  private static final Set<String> REFUSALS = Set.of("EPERM", "EACCES", "EROFS");
  private static final String NONE = "0000000000000000";

  /** CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, NET_BIND_SERVICE. */
  private static final String OF_ROOT = "00000000000004fb";

  /** KILL, SETGID, SETUID: what PID 1 needs, and a job can't get in spite of the bounding set. */
  private static final String OF_INIT = "00000000000000e0";

  private final Path directory;
  private final JobView root;
  private final JobView user;
  private final JobView image;
  private final JobView withKnobs;
  private final JobView control;

  HardeningIT(@TempDir Path directory) throws IOException {
    this.directory = directory;
    Path probe = JobView.probeIn(directory.resolve("probe"));
    Mayfly mayfly =
        Mayfly.onPrivateEngine(
            directory,
            """
            policies:
            - {name: root, identity: root, monitor: off}
            - {name: user, identity: user, monitor: off}
            - {name: image, identity: image, monitor: off}
            - {name: knobs, identity: user, monitor: off, seccomp: {allow-ptrace: true, allow-userns: true}}
            """);
    root = JobView.ofJob(mayfly, "root", probe);
    user = JobView.ofJob(mayfly, "user", probe);
    image = JobView.ofJob(mayfly, "image", probe);
    withKnobs = JobView.ofJob(mayfly, "knobs", probe);
    control = JobView.ofControl(probe);
  }

  @AfterAll
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
    assertThat(ControlContainer.leftovers()).isEmpty();
  }

  @Test
  void hasTheCapabilitiesOfItsIdentityAndNoOther() {
    for (JobView job : List.of(root, image)) {
      assertThat(capabilities(job))
          .as(job.toString())
          .isEqualTo(
              Map.of(
                  "CapEff", OF_ROOT, "CapPrm", OF_ROOT, "CapBnd", OF_ROOT, "CapInh", NONE, "CapAmb",
                  NONE));
    }
    for (JobView job : List.of(user, withKnobs)) {
      assertThat(capabilities(job))
          .as(job.toString())
          .isEqualTo(
              Map.of(
                  "CapEff", NONE, "CapPrm", NONE, "CapBnd", OF_INIT, "CapInh", NONE, "CapAmb",
                  NONE));
    }
  }

  private static Map<String, String> capabilities(JobView job) {
    return Map.of(
        "CapEff", job.status("CapEff"),
        "CapPrm", job.status("CapPrm"),
        "CapBnd", job.status("CapBnd"),
        "CapInh", job.status("CapInh"),
        "CapAmb", job.status("CapAmb"));
  }

  @ParameterizedTest
  @CsvSource({"Uid, 0, 1001", "Gid, 0, 1001", "Groups, '', ''"})
  void runsAsItsIdentity(String field, String ofRoot, String ofUser) {
    assertThat(root.status(field).split("\t")).containsOnly(ofRoot);
    assertThat(image.status(field).split("\t")).containsOnly(ofRoot);
    assertThat(user.status(field).split("\t")).containsOnly(ofUser);
  }

  @Test
  void raisesNobodyByASetuidProgram() {
    assertThat(control.fact("uid of a setuid program")).isEqualTo("0");
    assertThat(root.fact("uid of a setuid program")).isEqualTo("1001");
    for (JobView job : List.of(root, user, image, withKnobs)) {
      assertThat(job.status("NoNewPrivs")).as(job.toString()).isEqualTo("1");
      assertThat(job.status("Seccomp")).as(job.toString()).isEqualTo("2");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "make a character device",
        "make a block device",
        "change a device's mode",
        "mount",
        "make a mount namespace",
        "set a network sysctl",
        "set a kernel sysctl",
        "read the kernel's log",
        "write in /sys/fs/cgroup"
      })
  void refuses(String attempt) {
    assertThat(control.attempt(attempt)).isEqualTo("OK");
    for (JobView job : List.of(root, user, image, withKnobs)) {
      assertThat(job.attempt(attempt)).as(job.toString()).isIn(REFUSALS);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "make a user namespace",
        "mount in namespaces of its own",
        "trace a child",
        "copy the memory of a child"
      })
  void refusesWhatOnlyAKnobGivesBack(String attempt) {
    assertThat(control.attempt(attempt)).isEqualTo("OK");
    assertThat(withKnobs.attempt(attempt)).isEqualTo("OK");
    for (JobView job : List.of(root, user, image)) {
      assertThat(job.attempt(attempt)).as(job.toString()).isEqualTo("EPERM");
    }
  }

  @ParameterizedTest
  @CsvSource({"raise a limit, lower a limit", "evade the memory killer, invite the memory killer"})
  void takesFromItselfOnly(String refused, String allowed) {
    for (JobView job : List.of(root, user, image, withKnobs)) {
      assertThat(job.attempt(allowed)).as(job.toString()).isEqualTo("OK");
      assertThat(job.attempt(refused)).as(job.toString()).isIn(REFUSALS);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"make a control group in ", "change the control group in "})
  void keepsItsLimitsFromTheJob(String attempt) {
    assertThat(control.attempts(attempt))
        .isNotEmpty()
        .allSatisfy((_, result) -> assertThat(result).isEqualTo("OK"));
    for (JobView job : List.of(root, user, image, withKnobs)) {
      assertThat(job.attempts(attempt))
          .as(job.toString())
          .isNotEmpty()
          .allSatisfy((_, result) -> assertThat(result).isIn(REFUSALS));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "read the environment of ",
        "read the memory map of ",
        "open the memory of ",
        "list the files of ",
        "follow the program of ",
        "follow the root of ",
        "open the network namespace of ",
        "set the oom score of ",
        "read the limits of ",
        "renice "
      })
  void keepsPid1OutOfReach(String attempt) {
    assertThat(control.attempt(attempt + "PID 1")).isEqualTo("OK");
    for (JobView job : List.of(root, user, image, withKnobs)) {
      assertThat(job.attempt(attempt + "a child")).as(job.toString()).isEqualTo("OK");
      assertThat(job.attempt(attempt + "PID 1")).as(job.toString()).isIn(REFUSALS);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"trace ", "copy the memory of "})
  void keepsPid1OutOfReachOfATracer(String attempt) {
    assertThat(control.attempt(attempt + "PID 1")).isEqualTo("OK");
    assertThat(withKnobs.attempt(attempt + "a child")).isEqualTo("OK");
    for (JobView job : List.of(root, user, image, withKnobs)) {
      assertThat(job.attempt(attempt + "PID 1")).as(job.toString()).isEqualTo("EPERM");
    }
  }

  @Test
  void outlivesEverySignal() {
    assertThat(root.attempt("send every signal to PID 1")).isEqualTo("OK");
    assertThat(user.attempt("send every signal to PID 1")).isEqualTo("EPERM");
    for (JobView job : List.of(root, user, image, withKnobs)) {
      assertThat(job.attempt("kill a child")).as(job.toString()).isEqualTo("OK");
      assertThat(job.processes()).as(job.toString()).containsEntry("mayfly-init", "65532");
    }
  }

  @Test
  void seesNothingOfWhatIsMasked() {
    assertThat(control.visible("/proc/timer_list")).isNotEqualTo("0");
    assertThat(control.visible("/proc/keys")).isNotEqualTo("0");
    for (JobView job : List.of(root, user, image, withKnobs)) {
      for (String path :
          List.of(
              "/proc/kcore",
              "/proc/keys",
              "/proc/timer_list",
              "/proc/timer_stats",
              "/proc/latency_stats",
              "/proc/sched_debug",
              "/proc/acpi",
              "/proc/scsi",
              "/proc/asound",
              "/sys/firmware")) {
        assertThat(job.visible(path)).as("%s to %s", path, job).isIn("0", "ENOENT", "EACCES");
      }
      assertThat(job.visible("/proc/meminfo")).isNotEqualTo("0");
      assertThat(job.visible("/sys/kernel")).isNotEqualTo("0");
    }
  }
}
