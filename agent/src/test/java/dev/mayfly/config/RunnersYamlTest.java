package dev.mayfly.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mayfly.policy.EgressRule;
import dev.mayfly.runners.GitLabConfig;
import dev.mayfly.runners.RunnerConfig;
import dev.mayfly.yaml.ConfigError;
import dev.mayfly.yaml.ConfigException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The section {@code runners} of the configuration. */
class RunnersYamlTest {
  private static final Path FILE = Path.of("mayfly.yaml");
  private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

  private static List<RunnerConfig> parse(String text) throws ConfigException {
    return ConfigParser.parse(FILE, text).runners();
  }

  private static List<String> errors(String text) {
    ConfigException thrown = catchThrowableOfType(ConfigException.class, () -> parse(text));
    assertThat(thrown).as("text accepted: %s", text).isNotNull();
    return thrown.errors().stream().map(ConfigError::toString).toList();
  }

  /** What is wrong with a line of the section {@code gitlab}. */
  private static List<String> errorsOf(String line) {
    return errors(
        """
        runners:
        - name: gl-main
          gitlab:
            url: https://gitlab.example
            token-file: /etc/mayfly/token
            %s
        """
            .formatted(line));
  }

  @Test
  void takesEveryKey() throws Exception {
    List<RunnerConfig> runners =
        parse(
            """
            policies: [{name: build}]
            runners:
              - name: gl-main
                slots: 8
                policy: build
                gitlab:
                  url: https://gitlab.example.org:8443/git/
                  token-file: /etc/mayfly/gl.token
                  registry-auth-file: /etc/mayfly/registries.json
                  binary: /opt/gitlab-runner
                  binary-digest: %s
                  user: ci
                  hosts: [cache.example:9000, "[fd00::1]:443"]
                  tags: [docker, 5, true]
                  stop-grace: 1m30s
                  drain: 2h
                  global: {log_level: debug}
                  settings:
                    environment: ["A=1"]
                    output_limit: 8192
              - name: second
                gitlab: {url: "http://10.0.0.1", token-file: /etc/mayfly/second.token}
            """
                .formatted(DIGEST));
    assertThat(runners)
        .containsExactly(
            new RunnerConfig(
                "gl-main",
                new GitLabConfig(
                    URI.create("https://gitlab.example.org:8443/git"),
                    Path.of("/etc/mayfly/gl.token"),
                    Optional.of(Path.of("/etc/mayfly/registries.json")),
                    new GitLabConfig.Program(Path.of("/opt/gitlab-runner"), Optional.of(DIGEST)),
                    Optional.of("ci"),
                    List.of(
                        EgressRule.parse("cache.example:9000"), EgressRule.parse("[fd00::1]:443")),
                    new GitLabConfig.Times(Duration.ofSeconds(90), Duration.ofHours(2)),
                    Map.of("log_level", "debug"),
                    Map.of("environment", List.of("A=1"), "output_limit", 8192L)),
                8,
                1,
                Optional.of("build")),
            new RunnerConfig(
                "second",
                new GitLabConfig(
                    URI.create("http://10.0.0.1"),
                    Path.of("/etc/mayfly/second.token"),
                    Optional.empty(),
                    new GitLabConfig.Program(Path.of("/usr/bin/gitlab-runner"), Optional.empty()),
                    Optional.empty(),
                    List.of(),
                    GitLabConfig.Times.DEFAULT,
                    Map.of(),
                    Map.of()),
                1,
                1,
                Optional.empty()));
    assertThat(runners.getFirst().gitlab().port()).isEqualTo(8443);
    assertThat(runners.getLast().gitlab().port()).isEqualTo(80);
  }

  @Test
  void hasNoRunnersWhereNoneAreNamed() throws Exception {
    assertThat(parse("")).isEmpty();
    assertThat(parse("runners:")).isEmpty();
    assertThat(parse("runners: []")).isEmpty();
  }

  @Test
  void keepsWhatIsForTheRunnerAsYamlHasIt() throws Exception {
    Map<String, Object> settings =
        parse(
                """
                runners:
                - name: gl
                  gitlab:
                    url: https://gitlab.example
                    token-file: /t
                    settings:
                      z_last: first
                      whole: 5
                      big: 123456789012345678
                      negative: -1
                      decimal: 1.5
                      exponent: 1.0e3
                      endless: 1.0e999
                      hex: 0x1f
                      quoted: "5"
                      yes: true
                      no: False
                      list: [1, a, [b, {c: d}]]
                      none: []
                      cache:
                        Type: s3
                        s3: {ServerAddress: "minio.example:9000", Insecure: true}
                """)
            .getFirst()
            .gitlab()
            .settings();
    assertThat(new ArrayList<>(settings.keySet()))
        .startsWith("z_last", "whole", "big")
        .endsWith("none", "cache");
    assertThat(settings)
        .containsEntry("z_last", "first")
        .containsEntry("whole", 5L)
        .containsEntry("big", 123456789012345678L)
        .containsEntry("negative", -1L)
        .containsEntry("decimal", 1.5)
        .containsEntry("exponent", 1000.0)
        .containsEntry("endless", "1.0e999")
        .containsEntry("hex", "0x1f")
        .containsEntry("quoted", "5")
        .containsEntry("yes", true)
        .containsEntry("no", false)
        .containsEntry("list", List.of(1L, "a", List.of("b", Map.of("c", "d"))))
        .containsEntry("none", List.of());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          runners: {} | 1:10: runners must be a list with a line "- name: …" for each runner, not keys with values
          runners: [{gitlab: {url: "https://g.example", token-file: /t}}] | 1:11: key "name" is missing: add name: …
          runners: [{name: gl}] | 1:11: key "gitlab" is missing: add gitlab: …
          runners: [{name: gl, gitlab: {token-file: /t}}] | 1:30: key "url" is missing: add url: …
          runners: [{name: gl, gitlab: {url: "https://g.example"}}] | 1:30: key "token-file" is missing: add token-file: …
          runners: [{name: GL, gitlab: {url: "https://g.example", token-file: /t}}] | 1:18: name: "GL" is not a runner's name: use lower-case letters, digits and '-', at most 32, a letter or digit first
          runners: [{name: abcdefghijklmnopqrstuvwxyz1234567, gitlab: {url: "https://g.example", token-file: /t}}] | 1:18: name: "abcdefghijklmnopqrstuvwxyz1234567" is not a runner's name: use lower-case letters, digits and '-', at most 32, a letter or digit first
          runners: [{name: gl, slots: 0, gitlab: {url: "https://g.example", token-file: /t}}] | 1:29: slots must be between 1 and 500, not 0
          runners: [{name: gl, slots: 501, gitlab: {url: "https://g.example", token-file: /t}}] | 1:29: slots must be between 1 and 500, not 501
          runners: [{name: gl, slots: many, gitlab: {url: "https://g.example", token-file: /t}}] | 1:29: slots must be a whole number between 1 and 500, not "many"
          runners: [{name: gl, github: {}, gitlab: {url: "https://g.example", token-file: /t}}] | 1:22: unknown key "github", did you mean "gitlab"?
          """)
  void refusesRunnersThatAreNone(String text, String message) {
    assertThat(errors(text)).containsExactly("mayfly.yaml:" + message);
  }

  @Test
  void refusesTwoRunnersOfOneName() {
    assertThat(
            errors(
                """
                runners:
                - {name: gl, gitlab: {url: "https://g.example", token-file: /t}}
                - {name: gl, gitlab: {url: "https://h.example", token-file: /t}}
                """))
        .containsExactly(
            "mayfly.yaml:3:10: a runner is named \"gl\" in line 2 already: give this one another"
                + " name");
  }

  @Test
  void refusesAPolicyThatThereIsNot() {
    assertThat(
            errors(
                """
                policies: [{name: build}]
                runners:
                - {name: gl, policy: biuld, gitlab: {url: "https://g.example", token-file: /t}}
                """))
        .containsExactly(
            "mayfly.yaml:3:1: runners name a policy that there is none of: gl has policy: biuld, the"
                + " policies are default, build");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          binary-digest: sha256:abc  | 20: binary-digest: "sha256:abc" is no digest: write sha256: and 64 digits of sha256sum
          binary-digest: abc         | 20: binary-digest: "abc" is no digest: write sha256: and 64 digits of sha256sum
          binary: gitlab-runner      | 13: binary: "gitlab-runner" is not an absolute path: begin it with /
          user: "Root!"              | 11: user: "Root!" is no account's name
          stop-grace: 0s             | 17: stop-grace: "0s" is no time at all: write at least 1s
          stop-grace: 6m             | 17: stop-grace must be between 1s and 5m, not 6m
          drain: 2d                  | 12: drain must be between 1s and 1d, not 2d
          hosts: ["*.g.example"]     | 13: host: "*.g.example" is no exact host of the CI server: name each of them
          hosts: ["@github"]         | 13: host: "@github" is no exact host of the CI server: name each of them
          hosts: g.example           | 12: hosts must be a list, such as [cache.example.org:9000], not "g.example"
          settings: []               | 15: settings must be keys with values, such as "cache": …, not a list
          settings: {a b: 1}         | 16: a key of settings: "a b" is no key of config.toml
          settings: {a: }            | 18: a must be a value, not nothing: write a value or delete the key
          settings: {a: [1, {b: }]}  | 26: b must be a value, not nothing: write a value or delete the key
          global: {"1": 2}           | 14: a key of global: "1" is no key of config.toml
          """)
  void refusesWhatNoRunnerCanHave(String line, String message) {
    assertThat(errorsOf(line)).containsExactly("mayfly.yaml:6:" + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          settings: {token: glrt-x}  | settings can't have "token": gitlab.token-file names the file that holds it; delete it
          settings: {name: x}        | settings can't have "name": it is the runner's name in Mayfly; delete it
          settings: {url: x}         | settings can't have "url": gitlab.url is it; delete it
          settings: {executor: x}    | settings can't have "executor": Mayfly is the executor; delete it
          settings: {shell: sh}      | settings can't have "shell": scripts run in the sandbox's bash; delete it
          settings: {custom: {}}     | settings can't have "custom": Mayfly is the executor; delete it
          settings: {docker: {}}     | settings can't have "docker": images, limits and volumes are the policy's; delete it
          settings: {kubernetes: {}} | settings can't have "kubernetes": Mayfly runs jobs on this host; delete it
          settings: {limit: 5}       | settings can't have "limit": slots is it; delete it
          settings: {builds_dir: /b} | settings can't have "builds_dir": it is a directory of the sandbox; delete it
          global: {concurrent: 5}    | global can't have "concurrent": slots is it; delete it
          global: {runners: []}      | global can't have "runners": each runner is an entry of Mayfly's runners; delete it
          global: {shutdown_timeout: 5} | global can't have "shutdown_timeout": gitlab.drain is it; delete it
          global: {session_server: {}} | global can't have "session_server": there are no interactive terminals; delete it
          """)
  void refusesKeysThatAreMayflysToWrite(String line, String message) {
    assertThat(errorsOf(line))
        .singleElement()
        .asString()
        .matches("mayfly\\.yaml:[0-9]+:[0-9]+: .*")
        .endsWith(message);
  }

  @Test
  void refusesSettingsThatNoJobCouldHaveItsHostsOf() {
    assertThat(errorsOf("settings: {cache: {Type: s3, s3: {BucketName: ci..cache}}}"))
        .containsExactly(
            "mayfly.yaml:6:15: settings have a BucketName, \"ci..cache\", that is no bucket's: write"
                + " at most 63 letters, digits, '-', '_' and single '.', a letter or digit first and"
                + " last");
    assertThat(errorsOf("settings: {clone_url: \"user:s3cret@nowhere\"}"))
        .containsExactly(
            "mayfly.yaml:6:15: settings have a clone_url, \"…@nowhere\", that names no host: write it"
                + " as https://gitlab.example.org");
  }

  @Test
  void showsNoPasswordOfWhatIsNoUrl() {
    assertThat(
            errors(
                "runners: [{name: gl, gitlab: {url: 'https://u:s3 cret@g.example', token-file: /t}}]"))
        .containsExactly(
            "mayfly.yaml:1:36: url: \"https://…@g.example\" is no URL: Illegal character in"
                + " authority");
  }

  @Test
  void refusesWhatIsNoUrl() {
    assertThat(errors("runners: [{name: gl, gitlab: {url: 'https://', token-file: /t}}]"))
        .containsExactly(
            "mayfly.yaml:1:36: url: \"https://\" is no URL: Expected scheme-specific part");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          gitlab.example                       | gitlab.example
          ftp://gitlab.example                 | ftp://gitlab.example
          https://user:s3cret@gitlab.example   | https://…@gitlab.example
          ssh://user:s3/cr@et@gitlab.example/x | ssh://…@gitlab.example/x
          https://gitlab.example/?a=s3cret     | https://gitlab.example/?…
          https://gitlab.example/#a            | https://gitlab.example/#a
          """)
  void refusesAUrlThatIsNoInstancesAndShowsNoPassword(String url, String shown) {
    assertThat(
            errors(
                """
                runners:
                - name: gl
                  gitlab:
                    url: "%s"
                    token-file: /t
                """
                    .formatted(url)))
        .singleElement()
        .asString()
        .startsWith("mayfly.yaml:")
        .contains("such as https://gitlab.example.org, not \"" + shown + "\"")
        .doesNotContain("s3cret");
  }
}
