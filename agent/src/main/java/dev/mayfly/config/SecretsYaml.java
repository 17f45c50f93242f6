package dev.mayfly.config;

import dev.mayfly.policy.Glob;
import dev.mayfly.policy.IdTokenPolicy;
import dev.mayfly.policy.SecretScope;
import dev.mayfly.yaml.Keys;
import dev.mayfly.yaml.ListShape;
import dev.mayfly.yaml.Shape;
import java.util.function.Function;

/** The keys about what the CI server hands out to jobs beside their commands. */
final class SecretsYaml {
  private static final Shape.Text<Glob> NAME =
      new Shape.Text<>("DEPLOY_*", Glob.PATTERN, Glob::new, Glob::text);
  private static final Shape.Text<Glob> AUDIENCE =
      new Shape.Text<>("https://vault.example.org", Glob.PATTERN, Glob::new, Glob::text);

  private SecretsYaml() {}

  static SecretScope scope(Keys keys) {
    return new SecretScope(
        keys.find(
            "allow",
            "Names of the secret variables that jobs get, or patterns of them; the others are"
                + " withheld. Where it is not given, jobs get every one. In patterns, * is any"
                + " characters, ? one. Secret are those that GitLab does not call public. The job's"
                + " own token is not among them.",
            new ListShape.Values<>("pattern", NAME, Function.<Glob>identity()::apply)));
  }

  static IdTokenPolicy idTokens(Keys keys) {
    return new IdTokenPolicy(
        keys.get(
            "max-lifetime",
            "From the issue of a token to its expiry; one that lives longer is a finding.",
            MayflyYaml.time("1h", IdTokenPolicy.MAX_LIFETIME),
            IdTokenPolicy.DEFAULT.maxLifetime()),
        keys.get(
            "audiences",
            "Whom tokens may be for: texts, or patterns in which * is any characters but /, and **"
                + " any characters. Another audience is a finding. Where it is not given or empty,"
                + " whoever is named in full.",
            new ListShape.Values<>("audience", AUDIENCE, Function.<Glob>identity()::apply),
            IdTokenPolicy.DEFAULT.audiences()),
        keys.find(
            "jwks-file",
            "Holds GitLab's public keys (a copy of https://INSTANCE/oauth/discovery/keys). An"
                + " absolute path. Where it is given, tokens that none of these keys verifies are"
                + " withheld; else signatures are not looked at.",
            MayflyYaml.DIRECTORY));
  }
}
