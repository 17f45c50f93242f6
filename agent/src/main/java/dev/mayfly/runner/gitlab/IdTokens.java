package dev.mayfly.runner.gitlab;

import dev.mayfly.job.Finding;
import dev.mayfly.job.Finding.Reaction;
import dev.mayfly.job.Finding.Severity;
import dev.mayfly.job.Job;
import dev.mayfly.job.Printable;
import dev.mayfly.policy.Durations;
import dev.mayfly.policy.Policy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Looks at the ID tokens among a job's variables: JWTs that say which job they are for. Others,
 * such as keys of services that happen to be JWTs, are nobody's business here.
 */
final class IdTokens {
  private static final String MERGE_REQUESTS = "refs/merge-requests/";

  private final Job job;
  private final Policy policy;
  private final Optional<Jwks> keys;
  private final Instant now;
  private final List<Finding> findings = new ArrayList<>();
  private final Set<String> refused = new HashSet<>();

  /**
   * What was found out.
   *
   * @param refused names of variables whose tokens have to be verified, and can't be
   */
  record Seen(List<Finding> findings, Set<String> refused) {
    Seen {
      findings = List.copyOf(findings);
      refused = Set.copyOf(refused);
    }
  }

  private IdTokens(Job job, Policy policy, Optional<Jwks> keys, Instant now) {
    this.job = job;
    this.policy = policy;
    this.keys = keys;
    this.now = now;
  }

  /**
   * Looks at the variables of a job.
   *
   * @param keys empty where there are none, which refuses every token if the policy wants them
   *     verified
   */
  static Seen look(
      Job job,
      List<JobResponse.Variable> variables,
      Policy policy,
      Optional<Jwks> keys,
      Instant now) {
    IdTokens tokens = new IdTokens(job, policy, keys, now);
    variables.forEach(variable -> tokens.look(variable.key(), variable.value()));
    return new Seen(tokens.findings.stream().distinct().toList(), tokens.refused);
  }

  private void look(String name, String value) {
    switch (Jwt.read(value)) {
      case Jwt.Read.Other _ -> {}
      case Jwt.Read.Unclear _ -> {
        mismatch(
            name, "not everybody reads the same in it: a key is there twice, or it is too deep");
        verify(name, false);
      }
      case Jwt.Read.Token token when isIdToken(token.jwt()) -> {
        lifetime(name, token.jwt());
        audience(name, token.jwt());
        identity(name, token.jwt());
        verify(name, keys.map(its -> its.verify(token.jwt())).orElse(false));
      }
      case Jwt.Read.Token _ -> {}
    }
  }

  private static boolean isIdToken(Jwt token) {
    return token.claims().has("job_id") || token.claims().has("project_path");
  }

  private void lifetime(String name, Jwt token) {
    Optional<Instant> issued = token.time("iat").or(() -> token.time("nbf"));
    Optional<Instant> expiry = token.time("exp");
    if (issued.isEmpty() || expiry.isEmpty()) {
      finding("id-token.lifetime", name, "it does not say how long it is valid", LIFETIME_REMEDY);
      return;
    }
    Duration lifetime = Duration.between(issued.get(), expiry.get());
    Duration most = policy.idTokens().maxLifetime();
    if (lifetime.compareTo(most) > 0) {
      finding(
          "id-token.lifetime",
          name,
          "it is valid for " + Durations.show(lifetime) + ", more than " + Durations.show(most),
          LIFETIME_REMEDY);
    } else if (expiry.get().isBefore(now)) {
      finding("id-token.lifetime", name, "it has expired", "start the job again");
    }
  }

  private static final String LIFETIME_REMEDY =
      "shorten the timeout of the job, which GitLab takes for its tokens, or raise"
          + " id-tokens.max-lifetime of policy ";

  private void audience(String name, Jwt token) {
    List<String> audiences = token.audiences();
    String remedy = "name one service in id_tokens: {" + name + ": {aud: …}} of the job";
    if (audiences.isEmpty()) {
      finding("id-token.audience", name, "it is for nobody in particular", remedy);
    }
    for (String audience : audiences) {
      if (audience.indexOf('*') >= 0) {
        finding("id-token.audience", name, "it is for " + shown(audience), remedy);
      } else if (!policy.idTokens().audiences().isEmpty()
          && policy.idTokens().audiences().stream().noneMatch(its -> its.matches(audience))) {
        finding(
            "id-token.audience",
            name,
            "it is for " + shown(audience),
            "to accept it, add \"" + shown(audience) + "\" to id-tokens.audiences of policy ");
      }
    }
  }

  private void identity(String name, Jwt token) {
    Map<String, Optional<String>> expected = new LinkedHashMap<>();
    expected.put("job_id", Optional.of(job.id().value()));
    expected.put("project_path", job.project());
    expected.put("ref_protected", job.isProtected().map(String::valueOf));
    // Of a merge request, the job's ref is the request's and the token's is its branch.
    expected.put("ref", job.ref().filter(ref -> !ref.startsWith(MERGE_REQUESTS)));
    List<String> wrong = new ArrayList<>();
    expected.forEach(
        (claim, value) -> {
          if (value.isPresent() && !token.claim(claim).equals(value)) {
            wrong.add(claim);
          }
        });
    if (!wrong.isEmpty()) {
      mismatch(name, "it does not say the same as GitLab of " + String.join(", ", wrong));
    }
  }

  private void mismatch(String name, String what) {
    findings.add(
        new Finding(
            "id-token.mismatch",
            Severity.HIGH,
            Optional.of("T1550.001"),
            Reaction.AUDIT,
            "gitlab",
            target(name, what),
            "find out where it comes from: it was not made for this job",
            1));
  }

  /** Only where the policy wants signatures looked at. */
  private void verify(String name, boolean verified) {
    if (policy.idTokens().jwksFile().isEmpty() || verified) {
      return;
    }
    refused.add(name);
    findings.add(
        new Finding(
            "id-token.signature",
            Severity.HIGH,
            Optional.of("T1550.001"),
            Reaction.BLOCK,
            "gitlab",
            target(name, "none of the keys verifies it, so it is withheld"),
            "copy the instance's oauth/discovery/keys to the id-tokens.jwks-file of policy "
                + policy.name(),
            1));
  }

  private void finding(String rule, String name, String what, String remedy) {
    findings.add(
        new Finding(
            rule,
            rule.endsWith("audience") ? Severity.MEDIUM : Severity.LOW,
            Optional.empty(),
            Reaction.AUDIT,
            "gitlab",
            target(name, what),
            remedy.endsWith(" ") ? remedy + policy.name() : remedy,
            1));
  }

  private static String target(String name, String what) {
    return shown(name) + ": " + what;
  }

  private static String shown(String text) {
    return Printable.escaped(text);
  }
}
