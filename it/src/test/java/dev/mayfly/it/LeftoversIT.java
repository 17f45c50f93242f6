package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.linux.LoopDevice;
import dev.mayfly.report.Report;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can't be destroyed is told of, loudly, and tried again by whoever starts next. */
final class LeftoversIT {
  private final Path directory;
  private final Mayfly mayfly;

  LeftoversIT(@TempDir Path directory) {
    this.directory = directory;
    this.mayfly = Mayfly.onPrivateEngine(directory);
  }

  @AfterEach
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  @Test
  void tellsOfADiskThatIsHeldFromOutsideAtEveryStartUntilItIsReleased()
      throws IOException, InterruptedException {
    try (RunningExec exec = mayfly.startExec("sh", "-c", "echo kept > file; echo ready; read _")) {
      exec.awaitLine("ready");
      Path disk = home().resolve("disk");
      try (FileChannel _ = FileChannel.open(disk.resolve("container"), StandardOpenOption.READ)) {
        exec.endInput();

        assertToldOfLeftovers(exec.await(), "loop device");
        String left = mayfly.lastReport().sandbox();
        Mayfly.Result next = mayfly.exec("true");
        assertThat(next.exitCode()).isZero();
        assertThat(next.stderr()).contains(left, "could not be destroyed: loop device");
      }
    }
    awaitNoLoopDevice();
    assertThat(mayfly.exec("true").stderr()).isEmpty();
  }

  @Test
  void tellsOfAFileThatCannotBeDeletedAndDeletesItAtTheNextStart()
      throws IOException, InterruptedException {
    try (RunningExec exec = mayfly.startExec("sh", "-c", "echo ready; read _")) {
      exec.awaitLine("ready");
      try (Immutable _ = Immutable.make(Files.createFile(home().resolve("obstacle")))) {
        exec.endInput();

        assertToldOfLeftovers(exec.await(), "directory");
      }
    }
    String left = mayfly.lastReport().sandbox();
    Mayfly.Result next = mayfly.exec("true");
    assertThat(next.exitCode()).isZero();
    assertThat(next.stderr()).contains(left, "was destroyed");
  }

  /** The kernel frees a loop device some time after its last user has closed it. */
  private void awaitNoLoopDevice() throws IOException {
    String state = directory.resolve("state").toRealPath().toString();
    long end = System.nanoTime() + Mayfly.LIMIT.toNanos();
    while (LoopDevice.list().stream().anyMatch(loop -> loop.backing().startsWith(state))) {
      assertThat(System.nanoTime()).as("the loop device stays").isLessThan(end);
      Thread.onSpinWait();
    }
  }

  private Path home() throws IOException {
    try (Stream<Path> homes = Files.list(directory.resolve("state/sandboxes"))) {
      return homes.findFirst().orElseThrow();
    }
  }

  private void assertToldOfLeftovers(Mayfly.Result result, String what) {
    assertThat(result.exitCode()).isEqualTo(123);
    assertThat(result.stderr()).startsWith("mayfly: NOT CLEAN: ").contains(what);
    assertThat(result.stderr().lines()).hasSize(1);
    Report report = mayfly.lastReport();
    assertThat(report.exitCode()).isEqualTo(123);
    assertThat(report.teardown().verified()).isFalse();
    assertThat(report.teardown().leftovers()).anyMatch(left -> left.startsWith(what));
  }
}
