package dev.mayfly.runner.gitlab;

import dev.mayfly.engine.RegistryLogin;
import dev.mayfly.runners.GitLabConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Which logins to registries a job has for its images. */
final class RegistryLogins {
  private static final String VARIABLE = "DOCKER_AUTH_CONFIG";

  private RegistryLogins() {}

  /**
   * Those of the job's own variable, where its policy lets it have that, before those that GitLab
   * gives, and these before the operator's.
   *
   * @throws IOException with cause and remedy, where the operator's can't be read
   */
  static DockerLogins of(
      JobResponse response, JobSecrets secrets, String runner, GitLabConfig gitlab)
      throws IOException {
    DockerLogins own =
        secrets
            .allowed(VARIABLE)
            .map(value -> DockerLogins.parse(VARIABLE, value))
            .orElse(DockerLogins.NONE);
    DockerLogins given =
        new DockerLogins(
            response.logins(),
            List.of(),
            response.logins().stream().map(RegistryLogin::password).toList());
    return own.and(given).and(ofOperator(runner, gitlab.registryAuthFile()));
  }

  /**
   * The operator's own; none where none are configured.
   *
   * @throws IOException with cause and remedy
   */
  static DockerLogins ofOperator(String runner, Optional<Path> file) throws IOException {
    if (file.isEmpty()) {
      return DockerLogins.NONE;
    }
    SecretFile secret = new SecretFile("registry-auth-file", file.get(), runner, "the logins");
    DockerLogins logins = DockerLogins.parse("registry-auth-file " + file.get(), secret.read());
    secret.requireClosed();
    secret.requireOwn();
    if (!logins.trouble().isEmpty()) {
      throw new IOException(logins.trouble().getFirst());
    }
    if (logins.all().isEmpty()) {
      throw new IOException(
          "registry-auth-file "
              + file.get()
              + " has no logins under auths: add some, or delete the key");
    }
    return logins;
  }
}
