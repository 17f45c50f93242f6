package dev.mayfly.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.event.Event.Called.Abi;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The table is of the calls that src/bpf/watched.h names, and of no other. */
class SystemCallsTest {
  private static final Path HEADER = Path.of("..", "src", "bpf", "watched.h");
  private static final Pattern BY_NAME = Pattern.compile("\\[__NR_(\\w+)]");
  private static final Pattern BY_NUMBER = Pattern.compile("\\[(\\d+)(?: \\.\\.\\. (\\d+))?]");

  /** 32-bit programs make sockets by it; the native machines have no such call. */
  private static final String COMPAT_ONLY = "socketcall";

  /** LSM tells of the calls that make a user name space, whichever they are. */
  private static final Set<String> BY_LSM = Set.of("clone3");

  @Test
  void namesEveryCallThatIsWatched() throws IOException {
    Set<String> watched =
        BY_NAME
            .matcher(Files.readString(HEADER))
            .results()
            .map(found -> found.group(1))
            .collect(Collectors.toSet());
    assertThat(watched).hasSizeGreaterThan(40);
    watched.add(COMPAT_ONLY);
    watched.addAll(BY_LSM);
    assertThat(SystemCalls.table().stream().map(line -> line.split(" ")[0]))
        .containsExactlyInAnyOrderElementsOf(watched);
  }

  @Test
  void namesEveryNumberOf32BitPrograms() throws IOException {
    Set<Integer> watched = new HashSet<>();
    for (MatchResult found : BY_NUMBER.matcher(Files.readString(HEADER)).results().toList()) {
      int first = Integer.parseInt(found.group(1));
      String last = found.group(2);
      IntStream.rangeClosed(first, last == null ? first : Integer.parseInt(last))
          .forEach(watched::add);
    }
    assertThat(watched).hasSizeGreaterThan(40);
    SystemCalls calls = SystemCalls.of("amd64");
    for (int number = 0; number < 512; number++) {
      String name = calls.name(number, Abi.COMPAT);
      assertThat(!name.startsWith("#") && !BY_LSM.contains(name))
          .as("number %d", number)
          .isEqualTo(watched.contains(number));
    }
  }

  @Test
  void knowsTheNumbersOfEachMachine() {
    assertThat(SystemCalls.of("amd64").name(2, Abi.NATIVE)).isEqualTo("open");
    assertThat(SystemCalls.of("amd64").name(5, Abi.COMPAT)).isEqualTo("open");
    assertThat(SystemCalls.of("amd64").name(213, Abi.COMPAT)).isEqualTo("setuid");
    assertThat(SystemCalls.of("aarch64").name(56, Abi.NATIVE)).isEqualTo("openat");
    assertThat(SystemCalls.of("aarch64").name(-1, Abi.NATIVE)).isEqualTo("#4294967295");
  }
}
