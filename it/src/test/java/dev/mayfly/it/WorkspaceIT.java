package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.linux.Ownership;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What goes into a sandbox's workspace and what comes out of it. */
final class WorkspaceIT {
  private static final Ownership SOMEBODY = new Ownership(4321, 4322);

  private final Path directory;
  private final Path workspace;
  private final Path out;
  private final Path canary;
  private final Mayfly mayfly;

  WorkspaceIT(@TempDir Path directory) throws IOException {
    this.directory = directory;
    workspace = Files.createDirectory(directory.resolve("workspace"));
    out = Files.createDirectory(directory.resolve("out"));
    Ownership.give(out, SOMEBODY.uid(), SOMEBODY.gid());
    canary = Files.writeString(directory.resolve("canary"), "untouched");
    mayfly = Mayfly.onPrivateEngine(directory);
  }

  @AfterEach
  void leavesNothing() {
    assertThat(Leftovers.of(Site.privateEngine(), directory.resolve("state"))).isEmpty();
  }

  @AfterEach
  void changesNothingElse() throws IOException {
    assertThat(canary).hasContent("untouched");
    assertThat(mode(canary)).isEqualTo(0644);
    assertThat(names(directory))
        .isSubsetOf("canary", "mayfly.yaml", "out", "reports", "state", "workspace");
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
    }
  }

  private static int mode(Path file) throws IOException {
    return (Integer) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
  }

  private Mayfly withPolicy(String policy) {
    return Mayfly.onPrivateEngine(directory, "policies: [{name: default, " + policy + "}]\n");
  }

  private Mayfly.Result in(String... command) {
    return mayfly.execWith(List.of("--workspace", workspace.toString()), command);
  }

  private Mayfly.Result out(String script) {
    return mayfly.execWith(List.of("--keep-workspace", out.toString()), "sh", "-ec", script);
  }

  /** On the host, where a test needs what Java has no call for. */
  private static void run(Path place, String script) throws IOException, InterruptedException {
    Process shell =
        new ProcessBuilder("sh", "-ec", script).directory(place.toFile()).inheritIO().start();
    assertThat(shell.waitFor()).as(script).isZero();
  }

  @ParameterizedTest
  @Execution(ExecutionMode.CONCURRENT)
  @CsvSource({"image, 0", "root, 0", "user, 1001"})
  void arrivesWithItsModesAndBelongsToTheJobsUser(String identity, String user)
      throws IOException, InterruptedException {
    run(
        workspace,
        "mkdir -m 750 sub; printf text > sub/file; chmod 604 sub/file;"
            + " printf '#!/bin/sh\\necho runs' > tool; chmod 755 tool; ln -s sub/file link");

    Mayfly.Result result =
        withPolicy("identity: " + identity)
            .execWith(
                List.of("--workspace", workspace.toString()),
                "sh",
                "-ec",
                "pwd; stat -c '%n %u %g %a' . link sub sub/file tool; cat link; ./tool; touch sub/new");

    String owner = user + " " + user;
    assertThat(result.stderr()).isEmpty();
    assertThat(result.stdout())
        .isEqualTo(
            """
            /workspace
            . %1$s 755
            link %1$s 777
            sub %1$s 750
            sub/file %1$s 604
            tool %1$s 755
            textruns
            """
                .formatted(owner));
    assertThat(names(workspace.resolve("sub"))).containsExactly("file");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void takesNothingOfTheHostInThroughAHostileWorkspace() throws IOException, InterruptedException {
    run(
        workspace,
        "ln -s /etc/shadow shadow; ln -s '"
            + canary
            + "' canary; ln -s ../canary up; mkfifo pipe; mknod disk b 7 0; mknod null c 1 3;"
            + " cp /bin/true setuid; chmod 6755 setuid; ln '"
            + canary
            + "' hard");

    Mayfly.Result result =
        in("sh", "-c", "cat hard; cat canary up; cat shadow; stat -c %a setuid; ls");

    assertThat(result.stderr())
        .contains(
            "mayfly: not copied: /pipe: it is a device, pipe or socket\n",
            "mayfly: not copied: /disk: it is a device, pipe or socket\n",
            "mayfly: not copied: /null: it is a device, pipe or socket\n",
            "canary: No such file or directory",
            "up: No such file or directory");
    assertThat(result.stdout())
        .startsWith("untouched")
        .doesNotContain(Files.readString(Path.of("/etc/shadow")).lines().findFirst().orElseThrow())
        .endsWith("755\ncanary\nhard\nsetuid\nshadow\nup\n");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void comesOutForTheOwnerOfTheDirectory() throws IOException {
    Mayfly.Result result =
        out(
            "mkdir -m 750 sub; printf text > sub/file; chmod 604 sub/file; ln -s ../sub/file sub/link;"
                + " ln sub/file hard; printf 1 > sub/own; chown 1:1 sub/own");

    assertThat(result.stderr()).isEmpty();
    assertThat(names(out)).containsExactly("hard", "sub");
    assertThat(names(out.resolve("sub"))).containsExactly("file", "link", "own");
    assertThat(out.resolve("sub/link")).hasContent("text");
    assertThat(mode(out.resolve("sub"))).isEqualTo(0750);
    assertThat(mode(out.resolve("sub/file"))).isEqualTo(0604);
    assertThat(List.of("hard", "sub", "sub/file", "sub/link", "sub/own"))
        .allSatisfy(name -> assertThat(Ownership.of(out.resolve(name))).isEqualTo(SOMEBODY));
    assertThat(Files.getAttribute(out.resolve("hard"), "unix:nlink")).isEqualTo(1);
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void leavesOutWhatAHostileJobMadeAndSaysSo() throws IOException {
    Mayfly.Result result =
        out(
            "ln -s /etc/shadow absolute; mkdir -p a/b; ln -s ../../../canary a/b/up;"
                + " ln -s b/../../.. a/through; mkfifo pipe;"
                + " python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"socket\")';"
                + " cp /bin/true setuid; chmod 6755 setuid; chmod 1777 a; stat -c %a setuid a");

    assertThat(result.stdout()).isEqualTo("6755\n1777\n");
    assertThat(result.exitCode()).isZero();
    assertThat(result.stderr().lines().filter(line -> !line.startsWith("mayfly: finding ")))
        .containsExactlyInAnyOrder(
            "mayfly: not copied: /absolute: it is a link to /etc/shadow, outside of the tree",
            "mayfly: not copied: /a/b/up: it is a link to ../../../canary, outside of the tree",
            "mayfly: not copied: /a/through: it is a link to b/../../.., outside of the tree",
            "mayfly: not copied: /pipe: it is a device, pipe or socket",
            "mayfly: not copied: /socket: it is a device, pipe or socket");
    assertThat(names(out)).containsExactly("a", "setuid");
    assertThat(names(out.resolve("a"))).containsExactly("b");
    assertThat(names(out.resolve("a/b"))).isEmpty();
    assertThat(mode(out.resolve("setuid"))).isEqualTo(0755);
    assertThat(mode(out.resolve("a"))).isEqualTo(0777);
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void writesNothingThroughWhatIsPlantedInTheDirectory() throws IOException {
    Files.createSymbolicLink(out.resolve("file"), canary);
    Files.createSymbolicLink(out.resolve("sub"), directory);
    Files.createLink(out.resolve("hard"), canary);
    Files.writeString(out.resolve("kept"), "kept");

    Mayfly.Result result =
        out("mkdir sub; for f in file sub/canary hard; do printf new > $f; done");

    assertThat(result.stderr()).isEmpty();
    assertThat(names(out)).containsExactly("file", "hard", "kept", "sub");
    assertThat(out.resolve("file")).hasContent("new");
    assertThat(out.resolve("hard")).hasContent("new");
    assertThat(out.resolve("sub/canary")).hasContent("new");
    assertThat(Files.isSymbolicLink(out.resolve("sub"))).isFalse();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void addsNothingToADirectoryOfSomebodyElse() throws IOException {
    Path foreign = Files.createDirectory(out.resolve("sub"));

    Mayfly.Result result = out("mkdir sub; printf new > sub/file");

    assertThat(result.stderr())
        .isEqualTo(
            "mayfly: failed: the workspace could not be kept: "
                + foreign
                + ": this directory is of uid 0, not of uid 4321;"
                + " remove it, or copy to an empty directory\n");
    assertThat(result.exitCode()).isEqualTo(125);
    assertThat(names(foreign)).isEmpty();
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void refusesMoreBytesThanTheDiskMayHave() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(workspace.resolve("holes").toFile(), "rw")) {
      file.setLength((64 << 20) + 1);
    }

    Mayfly.Result result = tooLarge();

    assertThat(result.stderr())
        .contains("/workspace/holes: with it the tree has more than 67108864 bytes;")
        .contains("raise limits.disk");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void refusesWhatFillsTheDisk() throws IOException {
    Files.write(workspace.resolve("full"), new byte[64 << 20]);

    assertThat(tooLarge().stderr())
        .contains("/full: No space left on device (errno 28); copy less, or make more room")
        .contains("limits.disk");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void refusesMoreFilesThanTheDiskMayHave() throws IOException {
    for (int i = 0; i < 2001; i++) {
      Files.createFile(workspace.resolve("file" + i));
    }

    assertThat(tooLarge().stderr())
        .contains(": No space left on device (errno 28); copy less, or make more room")
        .contains("limits.inodes");
  }

  /** The command must not run. */
  private Mayfly.Result tooLarge() {
    Mayfly small = withPolicy("limits: {disk: 64MiB, inodes: 2000}");
    List<String> options = List.of("--workspace", workspace.toString());

    Mayfly.Result result = small.execWith(options, "echo", "ran");

    assertThat(result.exitCode()).isEqualTo(125);
    assertThat(result.stdout()).isEmpty();
    assertThat(result.stderr().lines())
        .singleElement()
        .asString()
        .startsWith("mayfly: refused: the workspace could not be copied in: ");
    return result;
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void fitsWhatIsSmallerThanTheDisk() throws IOException {
    Files.write(workspace.resolve("fits"), new byte[40 << 20]);

    Mayfly.Result result =
        withPolicy("limits: {disk: 64MiB, inodes: 2000}")
            .execWith(List.of("--workspace", workspace.toString()), "stat", "-c", "%s", "fits");

    assertThat(result.stdout()).isEqualTo((40 << 20) + "\n");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void refusesToKeepTheWorkspaceWhereNobodyCanWriteBeforeTheCommandRuns() {
    Mayfly.Result result =
        mayfly.execWith(List.of("--keep-workspace", "/proc/sys/kernel"), "echo", "ran");

    assertThat(result.exitCode()).isEqualTo(125);
    assertThat(result.stdout()).isEmpty();
    assertThat(result.stderr())
        .isEqualTo(
            "mayfly: /proc/sys/kernel can't be written by this supervisor;"
                + " name a directory that can\n");
  }

  @Test
  @Execution(ExecutionMode.CONCURRENT)
  void saysWhereTheWorkspaceCouldNotBeKept() throws IOException {
    Files.createDirectory(out.resolve("name"));

    Mayfly.Result result = out("printf text > name; echo ran");

    assertThat(result.stdout()).isEqualTo("ran\n");
    assertThat(result.stderr())
        .isEqualTo(
            "mayfly: failed: the workspace could not be kept: unlinkat "
                + out
                + "/name: Is a directory (errno 21);"
                + " remove the directory that is there, or copy to an empty one\n");
  }
}
