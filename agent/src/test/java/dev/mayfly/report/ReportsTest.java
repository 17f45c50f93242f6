package dev.mayfly.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.job.Outcome;
import dev.mayfly.sandbox.SandboxId;
import dev.mayfly.sandbox.Teardown;
import dev.mayfly.supervisor.SampleResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReportsTest {
  private static final Report REPORT =
      new ReportMaker("1.2.3")
          .report(SampleResult.full(new Outcome.Exited(3), new Teardown(List.of("mount /x"))));
  private static final SandboxId ID = new SandboxId(REPORT.sandbox());

  private final Path directory;
  private final Reports reports;

  ReportsTest(@TempDir Path parent) {
    this.directory = parent.resolve("var/reports");
    this.reports = new Reports(directory);
  }

  @Test
  void readsBackWhatItWrote() throws IOException {
    Path file = reports.write(REPORT);
    assertThat(file).isEqualTo(directory.resolve(ID.value()).resolve("report.json"));
    assertThat(Reports.parse(reports.json(ID).orElseThrow())).isEqualTo(REPORT);
  }

  @Test
  void makesTheDirectoryForItsOwnerAndGroupOnlyAndLeavesNothingInIt() throws IOException {
    reports.prepare();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
        .isEqualTo("rwxr-x---");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void saysThatReportsCannotBeWrittenBeforeThereIsOne() throws IOException {
    Path file = Files.createFile(Files.createDirectories(directory).resolve("file"));
    assertThatThrownBy(() -> new Reports(file).prepare())
        .isInstanceOf(IOException.class)
        .hasMessage(
            "reports can't be written to "
                + file
                + " (it is not a directory); name another directory with --report-dir");
    assertThatThrownBy(() -> new Reports(file.resolve("below")).prepare())
        .hasMessage(
            "reports can't be written to "
                + file.resolve("below")
                + " (Not a directory); name another directory with --report-dir");
    // Root may write everywhere but where the kernel has no files to make.
    assertThatThrownBy(() -> new Reports(Path.of("/proc/self")).prepare())
        .hasMessageMatching(
            "reports can't be written to /proc/self \\(.+\\); name another directory with --report-dir");
  }

  @Test
  void showsNoReaderHalfAReport() throws Exception {
    reports.write(REPORT);
    CompletableFuture<Void> writing =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < 300; i++) {
                try {
                  reports.write(REPORT);
                } catch (IOException e) {
                  throw new AssertionError(e);
                }
              }
            });
    int reads = 0;
    do {
      assertThat(Reports.parse(reports.json(ID).orElseThrow())).isEqualTo(REPORT);
      reads++;
    } while (!writing.isDone());
    writing.get();
    assertThat(reads).isPositive();
    assertThat(names(directory.resolve(ID.value()))).containsExactly("report.json");
  }

  @Test
  void leavesNothingHalfWrittenBehind() throws IOException {
    Path inTheWay = directory.resolve(ID.value()).resolve("report.json");
    Files.createDirectories(inTheWay.resolve("x"));
    assertThatThrownBy(() -> reports.write(REPORT)).isInstanceOf(IOException.class);
    assertThat(names(directory.resolve(ID.value()))).containsExactly("report.json");
    assertThat(inTheWay.resolve("x")).isDirectory();
  }

  @Test
  void overwritesWhatADeadWriterLeftHalfDone() throws IOException {
    Path own = Files.createDirectories(directory.resolve(ID.value()));
    Files.writeString(own.resolve("report.json.new"), "{\"schemaVersion\":");
    assertThat(reports.json(ID)).isEmpty();
    assertThat(reports.last()).isEmpty();
    reports.write(REPORT);
    assertThat(Reports.parse(reports.json(ID).orElseThrow())).isEqualTo(REPORT);
    assertThat(names(own)).containsExactly("report.json");
  }

  @Test
  void findsTheReportThatWasWrittenLast() throws IOException {
    assertThat(reports.last()).isEmpty();
    reports.prepare();
    assertThat(reports.last()).isEmpty();
    written("abcdefgh-1", "2026-11-01T10:00:01Z");
    written("abcdefgh-2", "2026-11-01T10:00:03Z");
    written("zzzzzzzz-1", "2026-11-01T10:00:02Z");
    Files.createDirectories(directory.resolve("yyyyyyyy-1"));
    Files.createDirectories(directory.resolve("notes"));
    Files.writeString(directory.resolve("notes/report.json"), "{}");
    assertThat(reports.last()).contains(new SandboxId("abcdefgh-2"));
  }

  private void written(String sandbox, String time) throws IOException {
    Path own = Files.createDirectories(directory.resolve(sandbox));
    Files.writeString(own.resolve("report.json"), "{}");
    Files.setLastModifiedTime(own.resolve("report.json"), FileTime.from(Instant.parse(time)));
  }

  @Test
  void knowsNoReportOfASandboxThatNeverWas() throws IOException {
    assertThat(reports.json(ID)).isEmpty();
    reports.prepare();
    assertThat(reports.json(ID)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "{",
        "not json",
        "{}",
        "{\"schemaVersion\": 1}",
        "{\"sandbox\": \"\\u001b[2J\", \"x\\ny\": 1}",
        "[[[[[[[[[[[[[["
      })
  void refusesWhatIsNoReportInOneLine(String text) {
    assertThatThrownBy(() -> Reports.parse(text))
        .isInstanceOf(IOException.class)
        .message()
        .startsWith("not a report of this version of Mayfly: ")
        .doesNotContainPattern("\\p{Cntrl}");
  }

  @Test
  void refusesAReportOfAnotherVersionThatItCouldMisunderstand() throws IOException {
    String text = Files.readString(reports.write(REPORT));
    assertThatThrownBy(
            () -> Reports.parse(text.replace("\"schemaVersion\" : 1,", "\"schemaVersion\" : 2,")))
        .hasMessage("not a report of this version of Mayfly: its schemaVersion is 2; use --json");
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return new ArrayList<>(
          entries.map(entry -> entry.getFileName().toString()).sorted().toList());
    }
  }
}
