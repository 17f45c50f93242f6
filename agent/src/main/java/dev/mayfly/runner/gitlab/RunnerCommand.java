package dev.mayfly.runner.gitlab;

import dev.mayfly.linux.Account;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How gitlab-runner is started: as its account, with no privilege and none to be had. */
record RunnerCommand(Path binary, Path home, Path config, Path temporary, Account account)
    implements RunnerProcess.Child {
  /** What of the supervisor's environment the runner needs to reach its server. */
  private static final List<String> PASSED_ON =
      List.of(
          "HTTP_PROXY",
          "HTTPS_PROXY",
          "NO_PROXY",
          "http_proxy",
          "https_proxy",
          "no_proxy",
          "SSL_CERT_FILE",
          "SSL_CERT_DIR",
          "TZ");

  @Override
  public Process start(ProcessBuilder.Redirect output) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            "setpriv",
            "--reuid=" + account.uid(),
            "--regid=" + account.gid(),
            "--clear-groups",
            "--inh-caps=-all",
            "--bounding-set=-all",
            "--no-new-privs",
            "--pdeathsig=TERM",
            "--",
            binary.toString(),
            "run",
            "--config",
            config.toString(),
            "--working-directory",
            home.toString());
    builder.directory(home.toFile()).redirectErrorStream(true).redirectOutput(output);
    builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
    Map<String, String> before = new HashMap<>(builder.environment());
    Map<String, String> environment = builder.environment();
    environment.clear();
    PASSED_ON.forEach(
        name -> Optional.ofNullable(before.get(name)).ifPresent(its -> environment.put(name, its)));
    environment.put("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    environment.put("HOME", home.toString());
    environment.put("USER", account.name());
    environment.put("LANG", "C.UTF-8");
    environment.put("TMPDIR", temporary.toString());
    try {
      return builder.start();
    } catch (IOException e) {
      throw new IOException(
          "setpriv can't be started ("
              + e.getMessage()
              + "): install util-linux, and look whether "
              + binary
              + " is there",
          e);
    }
  }
}
