package dev.mayfly.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.event.WatchedName;
import dev.mayfly.event.WatchedName.Use;
import dev.mayfly.job.Finding;
import dev.mayfly.yaml.ConfigException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DetectionsTest {
  private static final Path SAMPLE = Path.of("src", "test", "resources", "rules");

  @Test
  void readsMayflysOwnRules() throws Exception {
    DetectionRules own = Detections.load(Optional.empty());
    assertThat(own.rules().stream().map(Rule::id)).doesNotHaveDuplicates();
  }

  @Test
  void readsEveryKey() throws Exception {
    DetectionRules own = Detections.load(Optional.empty());
    DetectionRules all = Detections.load(Optional.of(SAMPLE));
    assertThat(all.rules().stream().map(Rule::id))
        .hasSize(own.rules().size() + 3)
        .endsWith("test.cron", "test.download-and-run", "test.tunnel");

    Rule cron = all.rule("test.cron").orElseThrow();
    assertThat(cron.title()).isEqualTo("A cron job was written");
    assertThat(cron.severity()).isEqualTo(Finding.Severity.HIGH);
    assertThat(cron.technique()).contains("T1053.003");
    assertThat(cron.category()).isEqualTo(Finding.Category.PERSISTENCE);
    assertThat(cron.condition().text()).startsWith("file.written and ");
    assertThat(cron.timing()).isEqualTo(Timing.ONCE);
    assertThat(cron.reaction()).isEqualTo(Finding.Reaction.AUDIT);
    assertThat(cron.target().map(Template::text)).contains("{file.path}");
    assertThat(cron.remedy()).isEqualTo("If it was meant, install it with a package.");

    Rule run = all.rule("test.download-and-run").orElseThrow();
    assertThat(run.description())
        .isEqualTo("A file was written by a program that was on the network, and then executed.");
    assertThat(run.technique()).isEmpty();
    assertThat(run.condition().kinds()).containsExactly(EventKind.EXEC);
    assertThat(run.timing())
        .isInstanceOfSatisfying(
            Timing.Sequence.class,
            sequence -> {
              assertThat(sequence.before()).hasSize(2);
              assertThat(sequence.within()).isEqualTo(Duration.ofMinutes(1));
              assertThat(sequence.by()).isEqualTo(Timing.By.SESSION);
            });

    assertThat(all.rule("test.tunnel").orElseThrow().timing())
        .isEqualTo(
            new Timing.Count(
                20, Duration.ofSeconds(30), Optional.of("dns.name"), Timing.By.SANDBOX));
    assertThat(all.watched())
        .contains(
            new WatchedName(
                ".ssh",
                "authorized_keys",
                false,
                Set.of(Use.READ, Use.WRITE),
                Set.of(Use.READ, Use.WRITE)),
            new WatchedName("gcloud", "", true, Set.of(Use.READ), Set.of(Use.READ)));
  }

  @Test
  void usesListsOfOtherFiles() throws Exception {
    String rule =
        """
        rules:
          - {id: a.b, title: T, description: D, severity: low, category: tools, reaction: audit,
             remedy: R, when: process.name in $names}
        """;
    Map<Path, String> texts =
        Map.of(Path.of("a.yaml"), rule, Path.of("b.yaml"), "lists: {names: [x, 7]}");
    assertThat(Detections.parse(texts).rules()).hasSize(1);
  }

  @Test
  void watchesAPlaceForAllThatIsSaid() throws Exception {
    Map<Path, String> texts =
        Map.of(
            Path.of("a.yaml"),
            "watched: [{name: .bashrc, use: [write]}]",
            Path.of("b.yaml"),
            "watched: [{name: .bashrc, use: [read], refusable: [read]}]");
    assertThat(Detections.parse(texts).watched())
        .containsExactly(
            new WatchedName("", ".bashrc", false, Set.of(Use.READ, Use.WRITE), Set.of(Use.READ)));
  }

  @Test
  void tellsOfFoldersAndFilesThatCannotBeRead(@TempDir Path folder) throws Exception {
    Path missing = folder.resolve("none");
    assertThatThrownBy(() -> Detections.load(Optional.of(missing)))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            missing
                + ": the folder of detections can't be listed (NoSuchFileException): create it, or"
                + " name another one");
    Files.createDirectory(folder.resolve("a.yaml"));
    Files.write(folder.resolve("b.yaml"), new byte[] {'a', ':', ' ', (byte) 0xff});
    Files.writeString(folder.resolve("c.yaml"), "rule: []");
    Files.writeString(folder.resolve("d.txt"), "not looked at");
    assertThatThrownBy(() -> Detections.load(Optional.of(folder)))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            """
            %1$s/a.yaml: is a directory: name the file in it
            %1$s/b.yaml:1:4: byte 0xff is not UTF-8: save the file as UTF-8
            %1$s/c.yaml:1:1: unknown key "rule", did you mean "rules"?"""
                .formatted(folder));
  }
}
