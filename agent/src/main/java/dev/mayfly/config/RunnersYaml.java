package dev.mayfly.config;

import dev.mayfly.policy.Durations;
import dev.mayfly.policy.Quote;
import dev.mayfly.policy.Range;
import dev.mayfly.runners.GitLabConfig;
import dev.mayfly.runners.RunnerConfig;
import dev.mayfly.runners.UrlText;
import dev.mayfly.yaml.Keys;
import dev.mayfly.yaml.ListShape;
import dev.mayfly.yaml.Shape;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The keys of the runners. */
final class RunnersYaml {
  private static final URI URL_STAND_IN = URI.create("https://gitlab.example.org");
  private static final Shape<String> NAME =
      new Shape.Text<>(
          "gl-main", RunnerConfig.NAME_PATTERN, RunnerConfig::requireName, Function.identity());
  private static final Shape<URI> URL =
      new Shape.Text<>(
          "https://gitlab.example.org",
          "https?://[^/?#@]+(/[^?#]*)?",
          RunnersYaml::url,
          URI::toString);
  private static final Shape<String> DIGEST =
      new Shape.Text<>(
          "sha256:" + "0123456789abcdef".repeat(4),
          GitLabConfig.Program.DIGEST_PATTERN,
          RunnersYaml::digest,
          Function.identity());
  private static final String SETTING_PATTERN = "[A-Za-z_][A-Za-z0-9_-]*";
  private static final String ACCOUNT_PATTERN = "[a-z_][a-z0-9_.-]{0,31}";
  private static final Shape<String> ACCOUNT =
      new Shape.Text<>("gitlab-runner", ACCOUNT_PATTERN, RunnersYaml::account, Function.identity());
  private static final Shape.Text<String> SETTING =
      new Shape.Text<>("cache", SETTING_PATTERN, RunnersYaml::setting, Function.identity());

  private RunnersYaml() {}

  static final Shape<List<RunnerConfig>> RUNNERS =
      new ListShape.Items<>("runner", "name", new Shape.Section<>(RunnersYaml::runner));

  private static RunnerConfig runner(Keys keys) {
    return new RunnerConfig(
        keys.require(
            "name",
            "How logs and metrics call it. Lower-case letters, digits and '-'; at most 32.",
            NAME,
            "runner"),
        keys.require(
            "gitlab",
            "A runner of GitLab's: Mayfly runs gitlab-runner, which asks the instance for jobs.",
            new Shape.Section<>(RunnersYaml::gitlab),
            new GitLabConfig(
                URL_STAND_IN,
                Path.of("/"),
                Optional.empty(),
                new GitLabConfig.Program(GitLabConfig.Program.GITLAB_RUNNER, Optional.empty()),
                Optional.empty(),
                List.of(),
                GitLabConfig.Times.DEFAULT,
                Map.of(),
                Map.of())),
        keys.get(
            "slots",
            "How many of its jobs run at once.",
            Shape.Numeric.ofInt(RunnerConfig.SLOTS),
            1),
        keys.get(
            "warm",
            "How many sandboxes wait for jobs, each made for the policy and the image of one that was"
                + " before and used by one job. They take some memory, and no processor.",
            Shape.Numeric.ofInt(RunnerConfig.WARM),
            1),
        keys.find(
            "policy",
            "Name of the policy for jobs that no policy's match accepts. Where it is not given: \"default\".",
            MayflyYaml.POLICY_NAME));
  }

  private static GitLabConfig gitlab(Keys keys) {
    URI url = keys.require("url", "Of the GitLab instance.", URL, URL_STAND_IN);
    Path token =
        keys.require(
            "token-file",
            "Holds the runner's authentication token (glrt-…). An absolute path; readable by root"
                + " alone.",
            MayflyYaml.DIRECTORY,
            Path.of("/"));
    var registryAuth =
        keys.find(
            "registry-auth-file",
            "The operator's own logins to registries, for the images of this runner's jobs, in the"
                + " form of Docker's config.json (auths). What a job's own DOCKER_AUTH_CONFIG and"
                + " GitLab say comes first. An absolute path; readable by root alone.",
            MayflyYaml.DIRECTORY);
    GitLabConfig.Program binary =
        new GitLabConfig.Program(
            keys.get(
                "binary",
                "The gitlab-runner program. An absolute path.",
                MayflyYaml.DIRECTORY,
                GitLabConfig.Program.GITLAB_RUNNER),
            keys.find(
                "binary-digest",
                "What the program must have for a SHA-256 digest, sha256:…; it is refused otherwise."
                    + " The host and its jobs run a copy of it, which is taken each time it is started.",
                DIGEST));
    var user =
        keys.find(
            "user",
            "Account that gitlab-runner runs as, without any privilege; not root. Where it is not"
                + " given: a number that neither an account nor another runner has. Runners of the"
                + " same account can read each other's token.",
            ACCOUNT);
    var hosts =
        keys.get(
            "hosts",
            "What jobs need of the server beside the hosts of its URL, of the repository's and of"
                + " the cache: exact names or addresses with ports, as in egress.allow. They may be"
                + " private.",
            EgressYaml.HOSTS,
            List.of());
    keys.find(
        "tags",
        "The runner's tags, for whoever reads this file: GitLab keeps them itself, and hands out"
            + " jobs by those.",
        new ListShape.Values<>("tag", new Shape.Written(), Function.<String>identity()::apply));
    GitLabConfig.Times times =
        new GitLabConfig.Times(
            keys.get(
                "stop-grace",
                "How long a script that is cancelled may go on after it was told to end (SIGTERM);"
                    + " then it is killed. gitlab-runner has it killed after 60 s.",
                time("10s", GitLabConfig.Times.STOP_GRACE),
                GitLabConfig.Times.DEFAULT.stopGrace()),
            keys.get(
                "drain",
                "How long jobs may go on when Mayfly is stopped; then they are ended. A second"
                    + " signal ends them at once.",
                time("30m", GitLabConfig.Times.DRAIN),
                GitLabConfig.Times.DEFAULT.drain()));
    return new GitLabConfig(
        url,
        token,
        registryAuth,
        binary,
        user,
        hosts,
        times,
        keys.get(
            "global",
            "Further keys for the top of gitlab-runner's config.toml, such as check_interval.",
            new Shape.FreeKeys<>(SETTING, new Shape.Any()),
            Map.of()),
        keys.get(
            "settings",
            "Further keys for the [[runners]] section of gitlab-runner's config.toml, such as cache,"
                + " environment or clone_url.",
            new Shape.FreeKeys<>(SETTING, new Shape.Any()),
            Map.of()));
  }

  private static Shape<Duration> time(String example, Range<Duration> range) {
    return new Shape.Bounded<>(
        new Shape.Text<>(example, Durations.PATTERN, Durations::parse, Durations::show), range);
  }

  private static URI url(String text) {
    try {
      return new URI(text.replaceFirst("/+$", ""));
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(
          Quote.of(UrlText.withoutSecrets(text)) + " is no URL: " + e.getReason(), e);
    }
  }

  private static String digest(String text) {
    return matching(
        text,
        GitLabConfig.Program.DIGEST_PATTERN,
        "is no digest: write sha256: and 64 digits of sha256sum");
  }

  private static String account(String text) {
    return matching(text, ACCOUNT_PATTERN, "is no account's name");
  }

  private static String setting(String text) {
    return matching(text, SETTING_PATTERN, "is no key of config.toml");
  }

  private static String matching(String text, String pattern, String otherwise) {
    if (!text.matches(pattern)) {
      throw new IllegalArgumentException(Quote.of(text) + " " + otherwise);
    }
    return text;
  }
}
