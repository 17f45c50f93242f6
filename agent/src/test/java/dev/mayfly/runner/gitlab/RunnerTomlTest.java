package dev.mayfly.runner.gitlab;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.runners.GitLabConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RunnerTomlTest {
  private static final Path HOOK = Path.of("/opt/mayfly/bin/mayfly-hook");
  private static final Path SOCKET = Path.of("/run/mayfly/runners/gl-main.sock");

  private static String toml(Map<String, Object> global, Map<String, Object> settings) {
    return RunnerToml.of(
        SampleRunner.runner(
            SampleRunner.gitlab(
                "https://gitlab.example.org/git",
                SampleRunner.TOKEN_FILE,
                global,
                settings,
                List.of())),
        "glrt-secret_1.2",
        HOOK,
        SOCKET);
  }

  @Test
  void writesTheWholeFile() {
    Map<String, Object> s3 = new LinkedHashMap<>();
    s3.put("ServerAddress", "minio.example.org:9000");
    s3.put("AccessKey", "key\"1");
    s3.put("Insecure", true);
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("environment", List.of("A=1", "B=2"));
    settings.put("cache", Map.of("s3", s3));
    settings.put("output_limit", 8192L);
    Map<String, Object> global = new LinkedHashMap<>();
    global.put("log_level", "debug");
    global.put("check_interval", 1L);
    assertThat(toml(global, settings))
        .isEqualTo(
            """
            concurrent = 4
            check_interval = 1
            shutdown_timeout = 35
            log_level = "debug"

            [[runners]]
            name = "gl-main"
            url = "https://gitlab.example.org/git"
            token = "glrt-secret_1.2"
            executor = "custom"
            shell = "bash"
            limit = 4
            builds_dir = "/workspace/builds"
            cache_dir = "/workspace/cache"
            environment = ["A=1", "B=2"]
            output_limit = 8192

            [runners.cache]

            [runners.cache.s3]
            ServerAddress = "minio.example.org:9000"
            AccessKey = "key\\"1"
            Insecure = true

            [runners.custom]
            config_exec = "/opt/mayfly/bin/mayfly-hook"
            config_args = ["--socket", "/run/mayfly/runners/gl-main.sock", "config"]
            prepare_exec = "/opt/mayfly/bin/mayfly-hook"
            prepare_args = ["--socket", "/run/mayfly/runners/gl-main.sock", "prepare"]
            run_exec = "/opt/mayfly/bin/mayfly-hook"
            run_args = ["--socket", "/run/mayfly/runners/gl-main.sock", "run"]
            cleanup_exec = "/opt/mayfly/bin/mayfly-hook"
            cleanup_args = ["--socket", "/run/mayfly/runners/gl-main.sock", "cleanup"]
            config_exec_timeout = 60
            prepare_exec_timeout = 3600
            cleanup_exec_timeout = 300
            graceful_kill_timeout = 35
            force_kill_timeout = 10
            """);
  }

  /** Else gitlab-runner cleans a job up while a stage of it still runs. */
  @ParameterizedTest
  @CsvSource({"1, 21, 21", "40, 60, 60", "41, 61, 60", "300, 320, 60"})
  void boundsHowLongAScriptGoesOnAfterItsSignal(int stopGrace, int shutdown, int graceful) {
    GitLabConfig usual = SampleRunner.gitlab("https://gitlab.example.org", Map.of());
    GitLabConfig gitlab =
        new GitLabConfig(
            usual.url(),
            usual.tokenFile(),
            usual.registryAuthFile(),
            usual.binary(),
            usual.user(),
            usual.hosts(),
            new GitLabConfig.Times(Duration.ofSeconds(stopGrace), Duration.ofMinutes(5)),
            usual.global(),
            usual.settings());
    assertThat(RunnerToml.of(SampleRunner.runner(gitlab), "glrt-secret_1.2", HOOK, SOCKET))
        .contains("shutdown_timeout = " + shutdown + "\n")
        .contains("graceful_kill_timeout = " + graceful + "\n");
  }

  @Test
  void asksEveryThreeSecondsWhereNothingElseIsSaid() {
    assertThat(toml(Map.of(), Map.of()))
        .startsWith("concurrent = 4\ncheck_interval = 3\nshutdown_timeout = 35\n\n[[runners]]\n");
  }

  @Test
  void findsTheTokenOfWhatItWrote() {
    assertThat(RunnerToml.tokenOf(toml(Map.of(), Map.of()))).contains("glrt-secret_1.2");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          token = "glrt-a"                  | glrt-a
            token   =   "glrt-a_B.9"   | glrt-a_B.9
          token="glrt-a"                    | glrt-a
          """)
  void findsTheTokenAsOthersWriteIt(String line, String token) {
    assertThat(RunnerToml.tokenOf("[[runners]]\n  " + line + "\n  token_obtained_at = 1\n"))
        .contains(token);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "token = \"\"",
        "# token = \"glrt-a\"",
        "token = \"glrt-a\\\"\"",
        "token = glrt-a",
        "job_token = \"glrt-a\"",
        "token = \"gl\nrt\"",
      })
  void findsNoneWhereThereIsNone(String text) {
    assertThat(RunnerToml.tokenOf(text)).isEmpty();
  }
}
