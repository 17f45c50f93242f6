package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.detect.Detections;
import dev.mayfly.yaml.ConfigException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the monitor has the kernel refuse, where the kernel has LSM. The kernel of this machine need
 * not: Debian 12's is booted in a machine of its own, where LsmGuest tries everything.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LsmIT {
  private static final Path BOOT = Path.of("..", "src", "bpf", "test", "qemu", "boot");
  private static final String LIMIT_SECONDS = "600";

  private List<String> console = List.of();

  @BeforeAll
  void boot(@TempDir Path directory) throws IOException, URISyntaxException, ConfigException {
    Path tree = directory.resolve("tree");
    Path classes = Path.of(Objects.requireNonNull(LsmIT.class.getResource("/")).toURI());
    String makeTree = classes.resolve("lsm").resolve("make-tree").toString();
    String lib = Site.home().resolve("lib").toString();
    Stream<String> make = Stream.of("bash", makeTree, tree.toString(), lib, classes.toString());
    assertThat(said(make)).endsWith("the tree is made");
    ProbeProgram.compileInto(tree, "act");
    LsmBed.makeRooms(tree);
    LsmGuest.leaveWatched(tree, Detections.load(Optional.empty()).watched());
    Stream<String> boot = Stream.of(BOOT.toString(), Site.qemu().toString(), tree.toString(), "v2");
    Stream<String> guest = Stream.of("-cp", "/classes:/mayfly/*", LsmGuest.class.getName());
    console =
        said(
            Stream.of(boot, Stream.of("/java/bin/java"), LsmGuest.JAVA.stream(), guest)
                .flatMap(words -> words));
  }

  /** Everything that a program prints, until it ends; none goes on then. */
  private static List<String> said(Stream<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command.toList()).redirectErrorStream(true);
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put("LIMIT", LIMIT_SECONDS);
    Process process = builder.start();
    try {
      return process.inputReader(StandardCharsets.UTF_8).lines().toList();
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  static Set<String> checks() {
    return LsmGuest.names();
  }

  @ParameterizedTest
  @MethodSource("checks")
  void holds(String check) {
    assertThat(console)
        .filteredOn(line -> line.equals("ok " + check) || line.startsWith("FAILED " + check + ":"))
        .containsExactly("ok " + check);
  }

  @Test
  void endsByItselfWithNothingElse() {
    assertThat(console)
        .as(String.join("\n", console))
        .contains("boot: ended with 0")
        .filteredOn(line -> line.startsWith("ok ") || line.startsWith("FAILED "))
        .containsExactlyElementsOf(checks().stream().map(check -> "ok " + check).toList());
  }
}
