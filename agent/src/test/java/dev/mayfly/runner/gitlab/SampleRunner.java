package dev.mayfly.runner.gitlab;

import dev.mayfly.policy.EgressRule;
import dev.mayfly.runners.GitLabConfig;
import dev.mayfly.runners.RunnerConfig;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Runners for tests. */
final class SampleRunner {
  static final Path TOKEN_FILE = Path.of("/etc/mayfly/gl.token");

  private SampleRunner() {}

  static GitLabConfig gitlab(String url, Map<String, Object> settings) {
    return gitlab(url, TOKEN_FILE, Map.of(), settings, List.of());
  }

  static GitLabConfig gitlab(Optional<Path> registryAuthFile) {
    return new GitLabConfig(
        URI.create("https://gitlab.example"),
        TOKEN_FILE,
        registryAuthFile,
        new GitLabConfig.Program(Path.of("/usr/bin/gitlab-runner"), Optional.empty()),
        Optional.empty(),
        List.of(),
        GitLabConfig.Times.DEFAULT,
        Map.of(),
        Map.of());
  }

  static GitLabConfig gitlab(
      String url,
      Path tokenFile,
      Map<String, Object> global,
      Map<String, Object> settings,
      List<EgressRule> hosts) {
    return new GitLabConfig(
        URI.create(url),
        tokenFile,
        Optional.empty(),
        new GitLabConfig.Program(Path.of("/usr/bin/gitlab-runner"), Optional.empty()),
        Optional.empty(),
        hosts,
        new GitLabConfig.Times(Duration.ofSeconds(15), Duration.ofMinutes(5)),
        global,
        settings);
  }

  /** Of this name, that runs as somebody. */
  static RunnerConfig runner(String name, Optional<String> user) {
    GitLabConfig usual = gitlab("https://gitlab.example", Map.of());
    return new RunnerConfig(
        name,
        new GitLabConfig(
            usual.url(),
            usual.tokenFile(),
            usual.registryAuthFile(),
            usual.binary(),
            user,
            usual.hosts(),
            usual.times(),
            usual.global(),
            usual.settings()),
        1,
        1,
        Optional.empty());
  }

  static RunnerConfig runner(GitLabConfig gitlab) {
    return new RunnerConfig("gl-main", gitlab, 4, 1, Optional.empty());
  }
}
