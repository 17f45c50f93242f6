package dev.mayfly.runner.gitlab;

import static dev.mayfly.runner.gitlab.SampleTokens.EC;
import static dev.mayfly.runner.gitlab.SampleTokens.NOW;
import static dev.mayfly.runner.gitlab.SampleTokens.RSA;
import static dev.mayfly.runner.gitlab.SampleTokens.claims;
import static dev.mayfly.runner.gitlab.SampleTokens.signed;
import static dev.mayfly.runner.gitlab.SampleTokens.token;
import static dev.mayfly.runner.gitlab.SampleTokens.unsigned;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.mayfly.job.Finding;
import dev.mayfly.job.Job;
import dev.mayfly.job.JobId;
import dev.mayfly.policy.Glob;
import dev.mayfly.policy.IdTokenPolicy;
import dev.mayfly.policy.SecretScope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdTokensTest {
  private static final Job JOB = job("main");
  private static final String RS256 = "{\"alg\":\"RS256\",\"kid\":\"r\"}";

  @TempDir private Path directory = Path.of("unset");

  private static Job job(String ref) {
    return new Job(
        new JobId("10"),
        "gitlab",
        Optional.of("g/p"),
        Optional.of(ref),
        "build",
        Optional.of(true),
        Map.of());
  }

  private static IdTokens.Seen look(
      Job job, IdTokenPolicy policy, Optional<Jwks> keys, String token) {
    return IdTokens.look(
        job,
        List.of(new JobResponse.Variable("VAULT_TOKEN", token, false, true, false, false)),
        SampleTokens.policy(SecretScope.EVERYTHING, policy),
        keys,
        NOW);
  }

  private static List<String> found(IdTokenPolicy policy, String token) {
    IdTokens.Seen seen = look(JOB, policy, Optional.empty(), token);
    assertThat(seen.findings().toString()).doesNotContain(token);
    assertThat(seen.refused()).isEmpty();
    return seen.findings().stream().map(Finding::rule).toList();
  }

  private static List<String> found(String token) {
    return found(IdTokenPolicy.DEFAULT, token);
  }

  private static IdTokenPolicy audiences(String... globs) {
    return new IdTokenPolicy(
        Duration.ofHours(1), List.of(globs).stream().map(Glob::new).toList(), Optional.empty());
  }

  private static String aud(String json) {
    return unsigned(claims(NOW.minusSeconds(10), NOW.plusSeconds(600), json, ""));
  }

  @Test
  void findsNothingWhereATokenIsAsItShouldBe() {
    assertThat(found(unsigned(claims("")))).isEmpty();
    assertThat(found(unsigned(claims("")) + "\n")).isEmpty();
  }

  @Test
  void findsTokensThatLiveTooLong() {
    String hour =
        unsigned(claims(NOW.minusSeconds(10), NOW.plusSeconds(3590), "\"https://a\"", ""));
    String longer =
        unsigned(claims(NOW.minusSeconds(10), NOW.plusSeconds(3591), "\"https://a\"", ""));
    assertThat(found(hour)).isEmpty();
    assertThat(found(longer)).containsExactly("id-token.lifetime");
    assertThat(found(audiencesFor(Duration.ofHours(2)), longer)).isEmpty();
    assertThat(found(audiencesFor(Duration.ofMinutes(5)), hour))
        .containsExactly("id-token.lifetime");
    assertThat(look(JOB, IdTokenPolicy.DEFAULT, Optional.empty(), longer).findings().getFirst())
        .isEqualTo(
            new Finding(
                "id-token.lifetime",
                Finding.Severity.LOW,
                Optional.empty(),
                Finding.Reaction.AUDIT,
                "gitlab",
                "VAULT_TOKEN: it is valid for 1h1s, more than 1h",
                "shorten the timeout of the job, which GitLab takes for its tokens, or raise"
                    + " id-tokens.max-lifetime of policy default",
                1));
  }

  private static IdTokenPolicy audiencesFor(Duration most) {
    return new IdTokenPolicy(most, List.of(), Optional.empty());
  }

  @Test
  void findsTokensThatHaveExpiredOrDoNotSay() {
    assertThat(
            found(unsigned(claims(NOW.minusSeconds(99), NOW.minusSeconds(1), "\"https://a\"", ""))))
        .containsExactly("id-token.lifetime");
    assertThat(found(unsigned(claims("").replaceFirst("\"iat\":[0-9]+,", ""))))
        .containsExactly("id-token.lifetime");
    assertThat(found(unsigned(claims("").replaceFirst("\"exp\":[0-9]+", "\"exp\":1e400"))))
        .containsExactly("id-token.lifetime");
    assertThat(found(unsigned(claims("").replaceFirst("\"exp\":[0-9]+", "\"exp\":\"soon\""))))
        .containsExactly("id-token.lifetime");
  }

  @Test
  void findsTokensForEverybody() {
    for (String audience : List.of("\"*\"", "\"https://*.example\"", "\"\"", "[]", "7", "null")) {
      assertThat(found(aud(audience))).as(audience).containsExactly("id-token.audience");
    }
    assertThat(found(aud("[\"https://a\",\"*\"]"))).containsExactly("id-token.audience");
  }

  @Test
  void findsAudiencesThatThePolicyDoesNotName() {
    IdTokenPolicy policy = audiences("https://*.example", "sts.amazonaws.com");
    assertThat(found(policy, aud("\"https://vault.example\""))).isEmpty();
    assertThat(found(policy, aud("[\"sts.amazonaws.com\",\"https://b.example\"]"))).isEmpty();
    assertThat(found(policy, aud("\"https://evil.test\""))).containsExactly("id-token.audience");
    assertThat(look(JOB, policy, Optional.empty(), aud("\"https://e\\u001b[2J\"")).findings())
        .extracting(Finding::target, Finding::remedy)
        .containsExactly(
            tuple(
                "VAULT_TOKEN: it is for https://e\\x1b[2J",
                "to accept it, add \"https://e\\x1b[2J\" to id-tokens.audiences of policy"
                    + " default"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"job_id\":\"10\"|\"job_id\":\"11\"",
        "\"g/p\"|\"g/other\"",
        "\"main\"|\"dev\"",
        "\"ref_protected\":\"true\"|\"ref_protected\":\"false\"",
        "\"job_id\":\"10\",|",
        "\"main\"|{\"a\":1}",
      })
  void findsTokensOfOtherJobs(String change) {
    String[] parts = change.split("\\|", 2);
    String claims = claims("").replace(parts[0], parts[1]);
    assertThat(claims).isNotEqualTo(claims(""));
    assertThat(found(unsigned(claims))).containsExactly("id-token.mismatch");
  }

  @Test
  void comparesOnlyWhatGitLabSaid() {
    Job unknown = new Job(new JobId("10"), "gitlab", Optional.empty(), Optional.empty(), "x");
    assertThat(
            look(unknown, IdTokenPolicy.DEFAULT, Optional.empty(), unsigned(claims(""))).findings())
        .isEmpty();
    assertThat(
            look(
                    job("refs/merge-requests/7/head"),
                    IdTokenPolicy.DEFAULT,
                    Optional.empty(),
                    unsigned(claims("")))
                .findings())
        .isEmpty();
  }

  @Test
  void leavesWhatIsNoIdTokenAlone() {
    String foreign = "{\"iss\":\"supabase\",\"exp\":9999999999}";
    for (String value :
        List.of(
            " ",
            "a.b.c",
            "eyJh.eyJh.x",
            "1.2.3",
            unsigned(foreign),
            token("[1]", claims("")),
            token("{\"typ\":\"JWT\"}", claims("")),
            unsigned("{\"job_id\":\"1\",\"exp\":1}"),
            unsigned("[]"),
            ".".repeat(70_000),
            "a".repeat(1 << 18) + ".b.c")) {
      assertThat(found(value)).as("%.20s", value).isEmpty();
    }
  }

  @Test
  void tellsOfTokensThatAreReadDifferently() {
    for (String token :
        List.of(
            unsigned(claims(",\"job_id\":\"11\"")),
            token("{\"alg\":\"none\",\"alg\":\"RS256\"}", claims("")),
            unsigned(claims(",\"x\":" + "[".repeat(900) + "]".repeat(900))),
            unsigned(claims("") + "{}"),
            unsigned(claims(",\"x\":" + "9".repeat(5_000))))) {
      assertThat(found(token)).containsExactly("id-token.mismatch");
    }
  }

  private IdTokenPolicy verifying() throws IOException {
    Path file = Files.writeString(directory.resolve("jwks.json"), SampleTokens.jwks());
    return new IdTokenPolicy(Duration.ofHours(1), List.of(), Optional.of(file));
  }

  @Test
  void verifiesSignaturesOfBothKinds() throws IOException {
    IdTokenPolicy policy = verifying();
    Optional<Jwks> keys = Optional.of(Jwks.read(policy.jwksFile().orElseThrow()));
    for (String good :
        List.of(
            signed(RS256, claims(""), RSA),
            signed("{\"alg\":\"RS256\"}", claims(""), RSA),
            signed("{\"alg\":\"ES256\",\"kid\":\"e\"}", claims(""), EC))) {
      assertThat(look(JOB, policy, keys, good).findings()).isEmpty();
    }
  }

  @Test
  void withholdsWhatNoKeyVerifies() throws IOException {
    IdTokenPolicy policy = verifying();
    Optional<Jwks> keys = Optional.of(Jwks.read(policy.jwksFile().orElseThrow()));
    String good = signed(RS256, claims(""), RSA);
    String[] parts = good.split("\\.");
    for (String bad :
        List.of(
            unsigned(claims("")),
            token("{\"alg\":\"none\"}", claims("")),
            parts[0] + "." + parts[1] + ".",
            token(RS256, claims(",\"x\":1")).replaceFirst("[^.]*$", parts[2]),
            signed("{\"alg\":\"RS256\",\"kid\":\"other\"}", claims(""), RSA),
            signed("{\"alg\":\"HS256\",\"kid\":\"r\"}", claims(""), RSA),
            signed("{\"alg\":\"ES256\",\"kid\":\"r\"}", claims(""), RSA),
            signed("{\"alg\":\"RS256\",\"kid\":\"e\"}", claims(""), EC),
            signed("{\"alg\":\"RS256\",\"crit\":[\"b64\"],\"b64\":false}", claims(""), RSA))) {
      assertWithheld(look(JOB, policy, keys, bad));
    }
    assertWithheld(look(JOB, policy, Optional.empty(), good));
  }

  private static void assertWithheld(IdTokens.Seen seen) {
    assertThat(seen.refused()).containsExactly("VAULT_TOKEN");
    assertThat(seen.findings())
        .extracting(Finding::rule, Finding::reaction)
        .containsExactly(tuple("id-token.signature", Finding.Reaction.BLOCK));
  }

  @Test
  void refusesFilesWithoutAKey() throws IOException {
    for (String file : List.of("", "[]", "{\"keys\":[{\"kty\":\"oct\"}]}", "{\"keys\":7}", "{")) {
      Path path = Files.writeString(directory.resolve("bad.json"), file);
      assertThatThrownBy(() -> Jwks.read(path))
          .isInstanceOf(IOException.class)
          .hasMessageStartingWith("jwks-file " + path + " ");
    }
    assertThatThrownBy(() -> Jwks.read(directory.resolve("missing")))
        .hasMessageEndingWith("missing can't be read: make it anew");
  }
}
