package dev.mayfly.runner.gitlab;

import dev.mayfly.runners.GitLabConfig;
import dev.mayfly.runners.RunnerConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The {@code config.toml} that Mayfly writes for gitlab-runner. */
final class RunnerToml {
  /** Where repositories are checked out, inside of a sandbox. */
  static final String BUILDS = "/workspace/builds";

  /** Where caches are kept before they are packed, inside of a sandbox. */
  static final String CACHE = "/workspace/cache";

  /** What the hook has for its own way, beside the grace that the supervisor gives. */
  private static final Duration HOOK_GRACE = Duration.ofSeconds(20);

  /**
   * So that no cleanup is called while a stage still runs: gitlab-runner waits 5 min for its end.
   */
  private static final Duration LONGEST_GRACE = Duration.ofSeconds(60);

  private static final int CHECK_INTERVAL = 3;
  private static final int FORCE_KILL = 10;
  private static final int CONFIG_LIMIT = 60;
  private static final int PREPARE_LIMIT = 3600;
  private static final int CLEANUP_LIMIT = 300;

  private static final Pattern TOKEN =
      Pattern.compile("(?m)^\\s*token\\s*=\\s*\"([A-Za-z0-9._-]+)\"\\s*$");

  private RunnerToml() {}

  /**
   * The file's text.
   *
   * @param hook the program that gitlab-runner calls
   * @param socket that it connects to
   */
  static String of(RunnerConfig runner, String token, Path hook, Path socket) {
    GitLabConfig gitlab = runner.gitlab();
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("concurrent", runner.slots());
    root.put("check_interval", CHECK_INTERVAL);
    root.put("shutdown_timeout", shutdownLimit(gitlab.times()).toSeconds());
    root.putAll(gitlab.global());
    Map<String, Object> section = new LinkedHashMap<>();
    section.put("name", runner.name());
    section.put("url", gitlab.url().toString());
    section.put("token", token);
    section.put("executor", "custom");
    section.put("shell", "bash");
    section.put("limit", runner.slots());
    section.put("builds_dir", BUILDS);
    section.put("cache_dir", CACHE);
    section.putAll(gitlab.settings());
    section.put("custom", custom(hook, socket, gitlab.times().stopGrace()));
    root.put("runners", List.of(section));
    return Toml.of(root);
  }

  /** How long gitlab-runner goes on after SIGTERM at most. */
  static Duration shutdownLimit(GitLabConfig.Times times) {
    return times.stopGrace().plus(HOOK_GRACE);
  }

  private static Map<String, Object> custom(Path hook, Path socket, Duration stopGrace) {
    Map<String, Object> custom = new LinkedHashMap<>();
    for (String call : List.of("config", "prepare", "run", "cleanup")) {
      custom.put(call + "_exec", hook.toString());
      custom.put(call + "_args", List.of("--socket", socket.toString(), call));
    }
    custom.put("config_exec_timeout", CONFIG_LIMIT);
    custom.put("prepare_exec_timeout", PREPARE_LIMIT);
    custom.put("cleanup_exec_timeout", CLEANUP_LIMIT);
    Duration grace = stopGrace.plus(HOOK_GRACE);
    Duration bounded = grace.compareTo(LONGEST_GRACE) < 0 ? grace : LONGEST_GRACE;
    custom.put("graceful_kill_timeout", bounded.toSeconds());
    custom.put("force_kill_timeout", FORCE_KILL);
    return custom;
  }

  /** The token of a file that gitlab-runner may have written since: it changes its token itself. */
  static Optional<String> tokenOf(String text) {
    Matcher matcher = TOKEN.matcher(text);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
