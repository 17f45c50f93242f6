package dev.mayfly.it;

import dev.mayfly.linux.Cgroups;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Processes as an engine starts them: a PID 1 with a pid and a mount name space of its own, in a
 * cgroup of its own, with an overlay as its root. The PID 1 is a shell that does what it is told.
 */
final class BoxBed implements AutoCloseable {
  private static final String START =
      """
      echo $$ > "$1/cgroup.procs"
      exec nsenter --mount=/proc/$2/ns/mnt unshare -m -p -f --kill-child sh -c '
        set -e
        cd "$1"
        mount -t proc proc proc
        mount --rbind /dev dev
        pivot_root . .
        umount -l .
        cd /
        echo ready
        exec sh
      ' sh "$3"
      """;

  private final Process shell;
  private final Path cgroup;
  private final Writer input;
  private final BufferedReader output;
  private int said;

  private BoxBed(Process shell, Path cgroup) {
    this.shell = shell;
    this.cgroup = cgroup;
    this.input = shell.outputWriter();
    this.output = shell.inputReader();
  }

  /** The directory of a cgroup in the hierarchy that counts processes; it is made. */
  static Path cgroup(String path) {
    try {
      Path mount = Cgroups.detect().withController("pids").orElseThrow().mount();
      return Files.createDirectories(mount.resolve(path.substring(1)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static BoxBed start(DiskBed disk, Path cgroup) {
    try {
      Process shell =
          new ProcessBuilder(
                  "sh",
                  "-c",
                  START,
                  "sh",
                  cgroup.toString(),
                  "" + disk.keeper(),
                  disk.root().toString())
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      BoxBed bed = new BoxBed(shell, cgroup);
      if (!"ready".equals(bed.output.readLine())) {
        throw new AssertionError("no PID 1: the test wants root and unshare");
      }
      return bed;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** PID 1 as the host numbers it. */
  long pid() {
    return shell.toHandle().children().findFirst().orElseThrow().pid();
  }

  /** Has PID 1 do something; gives what it prints. */
  String run(String script) {
    try {
      String end = "said-" + ++said;
      input.write(script + "\necho " + end + "\n");
      input.flush();
      StringBuilder text = new StringBuilder();
      for (String line = output.readLine(); !end.equals(line); line = output.readLine()) {
        if (line == null) {
          throw new AssertionError(script + " ended the shell: " + text);
        }
        text.append(line).append('\n');
      }
      return text.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    shell.toHandle().children().forEach(ProcessHandle::destroyForcibly);
    shell.destroyForcibly();
    shell.onExit().join();
    try {
      while (!Files.readAllLines(cgroup.resolve("cgroup.procs")).isEmpty()) {
        Thread.onSpinWait();
      }
      Files.delete(cgroup);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
