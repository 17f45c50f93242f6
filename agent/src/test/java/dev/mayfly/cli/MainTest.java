package dev.mayfly.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What a user sees of a wrong command line: one line with the cause, and a code that tells. */
@Isolated
class MainTest {
  private record Result(int code, String stdout, String stderr) {}

  private static Result run(String... arguments) {
    PrintStream out = System.out;
    PrintStream err = System.err;
    ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    System.setOut(new PrintStream(stdout, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(stderr, true, StandardCharsets.UTF_8));
    try {
      int code = Main.run(arguments);
      return new Result(
          code, stdout.toString(StandardCharsets.UTF_8), stderr.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(out);
      System.setErr(err);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          exec                   | 125 | mayfly exec: Missing required parameter: 'COMMAND'; see mayfly exec --help
          exec --                | 125 | mayfly exec: Missing required parameter: 'COMMAND'; see mayfly exec --help
          exec --polcy x true    | 125 | mayfly exec: Unknown option: '--polcy', did you mean --policy?; see mayfly exec --help
          exec --policy          | 125 | mayfly exec: Missing required parameter for option '--policy' (NAME); see mayfly exec --help
          exec -e                | 125 | mayfly exec: Missing required parameter for option '--env' (NAME=VALUE); see mayfly exec --help
          exec -e =x true        | 125 | mayfly: -e =x has no name; write -e NAME=VALUE
          exec --workspace /proc/none true | 125 | mayfly: --workspace /proc/none is not a directory; name one that exists
          exec --keep-workspace /proc/none/x true | 125 | mayfly: --keep-workspace /proc/none/x can't be made; name a directory below one that exists and can be written
          exec --socket /proc/none.sock true | 125 | mayfly: no supervisor listens on /proc/none.sock; start one with mayfly run --socket /proc/none.sock
          exec --config /proc/none true | 78 | /proc/none: no such file: create it, or name another one with --config
          check --config /proc/none | 78 | /proc/none: no such file: create it, or name another one with --config
          run --config /proc/none | 78 | /proc/none: no such file: create it, or name another one with --config
          chek                   | 64 | mayfly: Unmatched argument at index 0: 'chek', did you mean check?; see mayfly --help
          help chek              | 64 | mayfly: Unknown subcommand 'chek'; see mayfly --help
          check now              | 64 | mayfly check: Unmatched argument at index 1: 'now'; see mayfly check --help
          check --jsn            | 64 | mayfly check: Unknown option: '--jsn', did you mean --json?; see mayfly check --help
          report a b             | 64 | mayfly report: Unmatched argument at index 2: 'b'; see mayfly report --help
          run --socket           | 64 | mayfly run: Missing required parameter for option '--socket' (PATH); see mayfly run --help
          policy                 | 64 | mayfly policy: show, learn or replay is missing; see mayfly policy --help
          policy shw             | 64 | mayfly policy: Unmatched argument at index 1: 'shw', did you mean show?; see mayfly policy --help
          policy learn           | 64 | mayfly policy learn: Missing required parameter: 'REPORT'; see mayfly policy learn --help
          policy learn /proc/none | 1 | mayfly: no report /proc/none; name a report.json, its directory, or a sandbox's id
          policy replay default  | 64 | mayfly policy replay: Missing required parameter: 'REPORT'; see mayfly policy replay --help
          policy show --config /proc/none | 78 | /proc/none: no such file: create it, or name another one with --config
          version now            | 64 | mayfly version: Unmatched argument at index 1: 'now'; see mayfly version --help
          """)
  void saysInALineWhatIsWrong(String arguments, int code, String line) {
    assertThat(run(arguments.split(" "))).isEqualTo(new Result(code, "", line + "\n"));
  }

  @Test
  void asksForACommandWhereThereIsNone() {
    assertThat(run())
        .isEqualTo(new Result(64, "", "mayfly: a command is missing; see mayfly --help\n"));
  }

  @Test
  void escapesWhatItWasGiven() {
    assertThat(run("check", "\u001b[2J\n\u202e").stderr())
        .isEqualTo(
            "mayfly check: Unmatched argument at index 1: '\\x1b[2J\\x0a\\u{202e}'; see mayfly check"
                + " --help\n");
  }

  /** 1 would be taken for the command's own. */
  @Test
  void tellsABugOfItsOwnFromAFailureOfTheCommand() {
    CommandLine.ParseResult parsed = Main.commandLine().parseArgs("exec", "true").subcommand();
    assertThat(parsed.commandSpec().exitCodeOnExecutionException()).isEqualTo(125);
  }

  @Test
  void offersTheHelpThatItNames() {
    for (String name : Main.commandLine().getSubcommands().keySet()) {
      assertThat(run(name, "--help"))
          .as(name)
          .satisfies(
              help -> {
                assertThat(help.code()).isZero();
                assertThat(help.stdout()).contains("Usage: mayfly " + name + " ");
                assertThat(help.stderr()).isEmpty();
              });
    }
  }

  /** A configuration, so that none of the host's is read. */
  private static Path config(Path directory, String text) throws IOException {
    return Files.writeString(directory.resolve("mayfly.yaml"), text);
  }

  @Test
  void refusesWhatTheConfigurationDoesNotKnowBeforeItLooksForAnEngine(@TempDir Path directory)
      throws IOException {
    String file = config(directory, "state-dir: " + directory.resolve("state")).toString();
    assertThat(run("exec", "--config", file, "--policy", "none\n", "--", "true"))
        .isEqualTo(
            new Result(
                125,
                "",
                "mayfly: no policy is named \"none\\n\", only default; name one of them with"
                    + " --policy\n"));
    assertThat(run("exec", "--config", file, "--image", "Foo Bar", "--", "true"))
        .isEqualTo(
            new Result(
                125,
                "",
                "mayfly: \"Foo Bar\" is not an image name: write name, name:tag or name@sha256:…,"
                    + " in lower case\n"));
    assertThat(directory.resolve("state")).doesNotExist();
  }

  @Test
  void reportsEveryErrorOfAConfigurationAndStartsNothing(@TempDir Path directory)
      throws IOException {
    Path file = config(directory, "polices: []\nstate-dir: x\n");
    assertThat(run("exec", "--config", file.toString(), "--", "true"))
        .isEqualTo(
            new Result(
                78,
                "",
                file
                    + ":1:1: unknown key \"polices\", did you mean \"policies\"?\n"
                    + file
                    + ":2:12: state-dir: \"x\" is not an absolute path: begin it with /\n"));
  }

  @Test
  void printsNoReportThatIsNotThere(@TempDir Path directory) {
    for (String name : List.of("last", "abcdefgh-1", "../../etc", "/etc/passwd", "x\u001b[2J")) {
      Result result = run("report", "--report-dir", directory.toString(), name);
      assertThat(result.code()).as(name).isEqualTo(1);
      assertThat(result.stdout()).isEmpty();
      assertThat(result.stderr())
          .startsWith("mayfly: no report ")
          .endsWith(
              " in " + directory + "; mayfly exec writes one, --report-dir says where they are\n")
          .doesNotContain("\u001b");
    }
  }

  @Test
  void printsNoReportThatLiesOutsideOfTheDirectory(@TempDir Path directory) throws IOException {
    Path reports = Files.createDirectory(directory.resolve("reports"));
    Files.writeString(
        Files.createDirectory(directory.resolve("abcdefgh-1")).resolve("report.json"), "secret");
    for (String name : List.of("../abcdefgh-1", directory.resolve("abcdefgh-1").toString())) {
      assertThat(run("report", "--json", "--report-dir", reports.toString(), name).stdout())
          .isEmpty();
    }
    assertThat(run("report", "--json", "--report-dir", directory.toString(), "abcdefgh-1").stdout())
        .as("control: the same file from within")
        .isEqualTo("secret\n");
  }

  static Stream<List<String>> commands() {
    return Stream.of(
        List.of("sh", "-c", "exit 3"),
        List.of("echo", "--policy", "p", "-e", "A=b", "--help"),
        List.of("sh", "--", "--", "x"),
        List.of("npm", "install", "@types/node", "@/etc/passwd"),
        List.of("printf", "", " ", "\n", "${HOME}", "'quoted'", "\"quoted\"", "a,b", "@|bold x|@"));
  }

  /** Also where it looks like an option of Mayfly's, or like a file of arguments. */
  @ParameterizedTest
  @MethodSource("commands")
  void leavesTheCommandAsItIs(List<String> command) {
    for (List<String> before :
        List.of(
            List.<String>of(), List.of("--"), List.of("--policy", "p", "--"), List.of("-e", "A"))) {
      String[] arguments =
          Stream.of(List.of("exec"), before, command).flatMap(List::stream).toArray(String[]::new);
      CommandLine.ParseResult parsed = Main.commandLine().parseArgs(arguments).subcommand();
      assertThat(parsed.matchedPositional(0).originalStringValues())
          .as("%s", List.of(arguments))
          .isEqualTo(command);
    }
  }
}
