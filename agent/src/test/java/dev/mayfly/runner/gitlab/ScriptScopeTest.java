package dev.mayfly.runner.gitlab;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.runner.gitlab.SampleScript.Form;
import dev.mayfly.runner.gitlab.ScriptScope.Kept;
import dev.mayfly.runner.gitlab.ScriptScope.Scoped;
import dev.mayfly.runner.gitlab.ScriptScope.Secret;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ScriptScopeTest {
  private static final long SEED = 20_261_128;
  private static final String SECRET = "it's $ecret\\n\"1\"";
  private static final String HARD =
      "'\"\\$`!#%&()*<=>?[]|~^;{}\n\t\r\007\033\u007f é漢🚀\u0080\u00ff";

  @TempDir private Path directory = Path.of("unset");

  private static byte[] scoped(SampleScript script, Kept kept, Secret... secrets) {
    return switch (new ScriptScope(List.of(secrets), kept).scope(script.bytes())) {
      case Scoped.Script its -> its.bytes();
      case Scoped.Unclear unclear -> throw new AssertionError(unclear.reason());
    };
  }

  private static byte[] scoped(SampleScript script, Secret... secrets) {
    return scoped(script, Kept.NOTHING, secrets);
  }

  private static Secret secret(String name, String... values) {
    return new Secret(name, List.of(values));
  }

  private SampleScript script(Form form) {
    return new SampleScript(form, directory.resolve("p.tmp").toString());
  }

  /** What a real bash prints. */
  private String run(byte[] script) throws IOException, InterruptedException {
    Path out = directory.resolve("out");
    ProcessBuilder builder =
        new ProcessBuilder("bash").redirectErrorStream(true).redirectOutput(out.toFile());
    builder.environment().keySet().retainAll(List.of("PATH"));
    builder.environment().put("LC_ALL", "C");
    Process bash = builder.start();
    try (OutputStream stdin = bash.getOutputStream()) {
      stdin.write(script);
    }
    assertThat(bash.waitFor(20, TimeUnit.SECONDS)).isTrue();
    String printed = Files.readString(out, ISO_8859_1);
    assertThat(bash.exitValue()).as(printed).isZero();
    return printed;
  }

  private Map<String, String> environment(byte[] script) throws IOException, InterruptedException {
    Map<String, String> variables = new HashMap<>();
    for (String one : run(script).split("\0")) {
      String[] pair = one.split("=", 2);
      variables.put(pair[0], new String(pair[1].getBytes(ISO_8859_1), UTF_8));
    }
    return variables;
  }

  private static String random(Random random, int least) {
    StringBuilder text = new StringBuilder();
    int[] hard = HARD.codePoints().toArray();
    while (text.toString().getBytes(UTF_8).length < least || random.nextInt(24) > 0) {
      text.appendCodePoint(
          random.nextBoolean() ? hard[random.nextInt(hard.length)] : 'a' + random.nextInt(26));
    }
    // Unquoted, gitlab-runner's POSIX form breaks at newlines and quotes of values.
    return text + " ";
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void takesAnyValueOutAndLeavesEverythingElse(Form form) throws Exception {
    Random random = new Random(SEED);
    for (int i = 0; i < 20; i++) {
      String value = random(random, ScriptScope.SHORTEST_CUT);
      String other = random(random, 1);
      String before = random(random, 1);
      String after = random(random, 1);
      String file = random(random, ScriptScope.SHORTEST_CUT);
      if (other.contains(value) || other.contains(file) || file.contains(value.strip())) {
        continue;
      }
      SampleScript script =
          script(form)
              .variable("FIRST", other)
              .variable("SECRET", value)
              .file("KEY", file)
              .variable("DERIVED", before + value + after)
              .file("OTHER", other)
              .variable("LAST", other + "=" + other)
              .line("cat \"$OTHER\" > \"$OTHER.seen\"")
              .line("cat \"" + directory + "/p.tmp/KEY\" > \"$OTHER.key\"")
              .line("env -0");
      Path seen = directory.resolve("p.tmp/OTHER.seen");
      Path key = directory.resolve("p.tmp/OTHER.key");

      Map<String, String> control = environment(script.bytes());
      assertThat(control)
          .containsEntry("SECRET", value)
          .containsEntry("DERIVED", before + value + after)
          .containsEntry("FIRST", other)
          .containsEntry("LAST", other + "=" + other);
      assertThat(Files.readString(key)).isEqualTo(file);
      Files.delete(key);

      byte[] safe = scoped(script, secret("SECRET", value), secret("KEY", file));
      Map<String, String> variables = environment(safe);
      assertThat(variables).containsEntry("SECRET", "").containsEntry("KEY", "");
      assertThat(variables.get("DERIVED")).startsWith(before).doesNotContain(value.strip());
      assertThat(variables)
          .containsEntry("FIRST", other)
          .containsEntry("LAST", other + "=" + other)
          .containsEntry("OTHER", directory.resolve("p.tmp/OTHER").toString());
      assertThat(Files.readString(seen)).isEqualTo(other);
      assertThat(key).isEmptyFile();
      assertThat(String.join("", variables.values()))
          .doesNotContain(value.strip())
          .doesNotContain(file.strip());
    }
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void takesShortValuesOutOfTheirOwnAssignmentsOnly(Form form) throws Exception {
    SampleScript script =
        script(form).variable("PIN", "12 4").variable("COUNT", "12 4").line("env -0");
    assertThat(environment(script.bytes())).containsEntry("PIN", "12 4");
    assertThat(environment(scoped(script, secret("PIN", "12 4"))))
        .containsEntry("PIN", "")
        .containsEntry("COUNT", "12 4");
  }

  /** gitlab-runner expands what is in values, so that they may differ from what GitLab said. */
  @ParameterizedTest
  @EnumSource(Form.class)
  void takesOutWhatTheRunnerMadeOfAValue(Form form) throws Exception {
    SampleScript script =
        script(form)
            .variable("PASSWORD", "pa word-1")
            .variable("RAW", "pa$$ word-1")
            .variable("URL", "x://u:pa word-1@h")
            .line("env -0");
    assertThat(environment(scoped(script, secret("PASSWORD", "pa$$ word-1"))))
        .containsEntry("PASSWORD", "")
        .containsEntry("RAW", "")
        .containsEntry("URL", "x://u:@h");
  }

  /** GitLab makes slugs of some variables, and presigned URLs have the cache's key in them. */
  @ParameterizedTest
  @EnumSource(Form.class)
  void takesValuesOutThatAreWrittenOtherwise(Form form) throws Exception {
    String url = "https://s3.example/c/%s/cache.zip?X-Amz-Signature=0";
    SampleScript script =
        script(form)
            .variable("SECRET", "Key/One two")
            .variable("CI_ENVIRONMENT_SLUG", "review-key/one two")
            .variable("SHOUTED", "KEY/ONE TWO")
            .variable("CACHE", url.formatted("Key%2fOne%20two"))
            .variable("NESTED", url.formatted("Key%252FOne%2520two"))
            .variable("PARTLY", url.formatted("%4Bey/one%20two"))
            .variable("OTHER", "50%25 of %2f %zz %")
            .line("env -0");
    assertThat(environment(scoped(script, secret("SECRET", "Key/One two"))))
        .containsEntry("CI_ENVIRONMENT_SLUG", "review-")
        .containsEntry("SHOUTED", "")
        .containsEntry("CACHE", url.formatted(""))
        .containsEntry("NESTED", url.formatted(""))
        .containsEntry("PARTLY", url.formatted(""))
        .containsEntry("OTHER", "50%25 of %2f %zz %");
  }

  @Test
  void takesValuesOutOfFilesAsOldRunnersWriteThem() throws Exception {
    Path file = directory.resolve("p.tmp").resolve("KEY");
    Files.createDirectories(file.getParent());
    SampleScript script =
        script(Form.OLD_ANSI)
            .line("echo -n $'a key\\n1' > \"" + file + "\"")
            .line("export KEY=\"" + file + "\"")
            .line("env -0");
    assertThat(environment(script.bytes())).containsEntry("KEY", file.toString());
    assertThat(Files.readString(file)).isEqualTo("a key\n1");
    assertThat(environment(scoped(script, secret("KEY", "k1")))).containsEntry("KEY", "");
    assertThat(file).isEmptyFile();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "echo abc > \"/p.tmp/KEY\"",
        "printf '%b' abc > \"/p.tmp/KEY\"",
        "cat >/p.tmp/KEY <<EOF",
        "cat >> '/p.tmp/KEY' <<EOF",
        "cat <<EOF >| $'/p.tmp/KEY'",
        "cat 2>/dev/null <<EOF >KEY; true",
      })
  void refusesFilesThatAreWrittenInAFormThatIsNotKnown(String line) {
    assertUnclear(script(Form.ANSI).line(line).bytes(), secret("KEY", "abc"));
    assertThat(
            new ScriptScope(List.of(secret("KEY", "abc")), new Kept(List.of(), List.of(line)))
                .scope(script(Form.ANSI).command(line).bytes()))
        .as("of the job itself")
        .isInstanceOf(Scoped.Script.class);
    assertThat(
            new ScriptScope(List.of(secret("OTHER", "abc")), Kept.NOTHING)
                .scope(script(Form.ANSI).line(line).bytes()))
        .isInstanceOf(Scoped.Script.class);
  }

  @Test
  void leavesTheJobsOwnCommands() throws Exception {
    String command = "echo deploy --to production";
    SampleScript script =
        script(Form.ANSI).variable("TARGET", "production").command(command).line("env -0");
    Kept kept = new Kept(List.of(), List.of(command));
    assertThat(run(scoped(script, kept, secret("TARGET", "production"))))
        .contains("\ndeploy --to production\n")
        .contains("TARGET=\0");
    assertThat(run(scoped(script, secret("TARGET", "production")))).contains("\ndeploy --to\n");
  }

  /** A command is the job's own only as the whole line, and only what is within it stays. */
  @Test
  void takesValuesOutThatOnlyLookLikeCommands() throws Exception {
    SampleScript script =
        script(Form.ANSI)
            .variable("SECRET", SECRET)
            .variable("COPY", SECRET)
            .line("export SECRET=")
            .line("env -0");
    Kept kept = new Kept(List.of(), List.of("export SECRET=", SECRET, "export COPY=$'it"));
    assertThat(environment(scoped(script, kept, secret("SECRET", SECRET))))
        .containsEntry("SECRET", "")
        .containsEntry("COPY", "");
  }

  @Test
  void leavesWhatAJobCantDoWithout() throws Exception {
    SampleScript script =
        script(Form.ANSI)
            .variable("CI_REPOSITORY_URL", "https://u:token-1@gitlab/a.git")
            .variable("MINE", "token-1")
            .line("env -0");
    Kept kept = new Kept(List.of("token-1", "https://u:token-1@gitlab/a.git"), List.of());
    assertThat(environment(scoped(script, kept, secret("MINE", "token-1"))))
        .containsEntry("MINE", "")
        .containsEntry("CI_REPOSITORY_URL", "https://u:token-1@gitlab/a.git");
  }

  @Test
  void looksAgainWhetherAValueComesTogether() throws Exception {
    SampleScript script = script(Form.ANSI).variable("X", "secsecsecret1ret1ret1").line("env -0");
    assertThat(environment(scoped(script, secret("S", "secret1")))).containsEntry("X", "");
    String nested = "secret1";
    for (int i = 0; i < 12; i++) {
      nested = "sec" + nested + "ret1";
    }
    assertUnclear(script(Form.ANSI).variable("X", nested).bytes(), secret("S", "secret1"));
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertUnclear("export SECRET=abcdefgh\n".getBytes(UTF_8), secret("SECRET", "abcdefgh"));
    assertUnclear("\n: | eval $'never ends".getBytes(UTF_8), secret("SECRET", "abcdefgh"));
    assertUnclear("\n: | eval $'a'\ncurl x\n".getBytes(UTF_8), secret("SECRET", "abcdefgh"));
    assertUnclear("\n: | eval 'a'\n".getBytes(UTF_8), secret("SECRET", "abcdefgh"));
    assertUnclear(
        script(Form.POSIX).variable("A", "b c").variable("PIN", "1\n2").bytes(),
        secret("PIN", "1\n2"));
  }

  private static void assertUnclear(byte[] script, Secret... secrets) {
    assertThat(new ScriptScope(List.of(secrets), Kept.NOTHING).scope(script))
        .isInstanceOf(Scoped.Unclear.class);
  }

  @Test
  void changesNothingWhereNothingIsWithheld() {
    byte[] any = "what \0 ever".getBytes(UTF_8);
    assertThat(new ScriptScope(List.of(), Kept.NOTHING).scope(any))
        .isEqualTo(new Scoped.Script(any));
    byte[] without = script(Form.ANSI).variable("A", "b\\'c").command("ls $'x\\ty'").bytes();
    assertThat(
            new ScriptScope(List.of(secret("S", "secret1")), Kept.NOTHING).scope(without.clone()))
        .isInstanceOfSatisfying(
            Scoped.Script.class, script -> assertThat(script.bytes()).isEqualTo(without));
  }

  @Test
  void survivesAnyBytes() {
    Random random = new Random(SEED);
    ScriptScope scope =
        new ScriptScope(List.of(secret("S", "secret1"), secret("A", "1")), Kept.NOTHING);
    byte[] good = script(Form.ANSI).variable("S", "secret1").file("A", "1").command("x").bytes();
    for (int i = 0; i < 3_000; i++) {
      byte[] bad = good.clone();
      for (int j = random.nextInt(6); j >= 0; j--) {
        bad[random.nextInt(bad.length)] = (byte) "\\'\"$\n= x".charAt(random.nextInt(8));
      }
      switch (scope.scope(bad)) {
        case Scoped.Script its ->
            assertThat(new String(its.bytes(), ISO_8859_1)).doesNotContain("secret1");
        case Scoped.Unclear unclear -> assertThat(unclear.reason()).doesNotContain("secret1");
      }
    }
  }

  @Test
  void takesValuesOutOfOtherTexts() {
    ScriptScope scope = new ScriptScope(List.of(secret("S", "g€heim")), Kept.NOTHING);
    assertThat(scope.without("x g€heim ü")).isEqualTo("x  ü");
    assertThat(scope.without("g€g€heimheim")).isEmpty();
    assertThat(scope.without("x G€HEIM g%e2%82%acheim.")).isEqualTo("x  .");
    assertThat(scope.isIn("x g€heim")).isTrue();
    assertThat(scope.isIn("x g€hei")).isFalse();
    assertThat(secret("S", "g€heim").toString()).isEqualTo("Secret[S]");
  }

  @Test
  void takesNoLongerForWhatIsMadeToTakeLong() {
    String many = "a".repeat(70_000);
    SampleScript script = script(Form.ANSI).variable("REF", many).variable("X", many);
    for (int i = 0; i < 1_000; i++) {
      script.line("a".repeat(200)).line("aaaaaaa");
    }
    Kept kept = new Kept(List.of("aaaaaaa"), List.of("aaaaaaa", "a".repeat(200)));
    long start = System.nanoTime();
    ScriptScope scope =
        new ScriptScope(
            List.of(
                secret("S", "a".repeat(50_000) + "b"),
                secret("T", "a".repeat(60_000)),
                secret("U", "b" + "a".repeat(100)),
                secret("V", "aaaaaa")),
            kept);
    assertThat(scope.scope(script.bytes())).isInstanceOf(Scoped.Script.class);
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(60);
  }

  private static String letters(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 3_000; i++) {
      text.append(random.nextBoolean() ? 'a' : 'b');
    }
    return text.toString();
  }

  @Test
  void findsTextsOfAnyLength() {
    Random random = new Random(SEED);
    for (int i = 0; i < 300; i++) {
      String text = letters(random);
      int from = random.nextInt(2_000);
      String part = text.substring(from, from + 1 + random.nextInt(900));
      List<Integer> found = new ArrayList<>();
      new Occurrences(part).in(text, found::add);
      List<Integer> expected = new ArrayList<>();
      for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
        expected.add(at);
      }
      assertThat(found).isEqualTo(expected).contains(from);
    }
    List<Integer> periodic = new ArrayList<>();
    new Occurrences("ab".repeat(100)).in("ab".repeat(103), periodic::add);
    assertThat(periodic).containsExactly(0, 2, 4, 6);
  }

  @Test
  void isFastEnoughForBigScripts() {
    SampleScript script = script(Form.ANSI);
    for (int i = 0; i < 400; i++) {
      script.variable("V" + i, ("value " + i + " ").repeat(100));
    }
    Secret[] secrets = new Secret[40];
    for (int i = 0; i < secrets.length; i++) {
      secrets[i] = secret("S" + i, "no such value " + i);
    }
    long start = System.nanoTime();
    byte[] bytes = script.bytes();
    assertThat(scoped(script, secrets)).isEqualTo(bytes);
    assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(5);
  }

  private static CompletableFuture<byte[]> scopedElsewhere(SampleScript script) {
    return CompletableFuture.supplyAsync(
        () -> scoped(script, secret("S", "no such value")),
        task -> Thread.ofPlatform().name("scoping").daemon().start(task));
  }

  /** Each takes so much memory that many at once would take all. */
  @Test
  @Timeout(60)
  void looksAtOneLargeScriptAtATime() {
    SampleScript large = script(Form.ANSI).variable("V", "v".repeat(300_000));
    CompletableFuture<byte[]> waiting;
    ScriptScope.LARGE_ONES_TURN.lock();
    try {
      waiting = scopedElsewhere(large);
      while (!ScriptScope.LARGE_ONES_TURN.hasQueuedThreads()) {
        Thread.onSpinWait();
      }
      SampleScript small = script(Form.ANSI).variable("V", "v");
      assertThat(scopedElsewhere(small).join()).isEqualTo(small.bytes());
      assertThat(waiting).isNotDone();
    } finally {
      ScriptScope.LARGE_ONES_TURN.unlock();
    }
    assertThat(waiting.join()).isEqualTo(large.bytes());
  }
}
