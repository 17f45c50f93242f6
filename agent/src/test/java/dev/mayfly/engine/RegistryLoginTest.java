package dev.mayfly.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RegistryLoginTest {
  private static RegistryLogin to(String registry) {
    return new RegistryLogin(registry, "user", "s3cret-password");
  }

  @ParameterizedTest
  @CsvSource({
    "https://index.docker.io/v1/,     docker.io,                       docker.io",
    "index.docker.io,                 docker.io,                       docker.io",
    "docker.io,                       docker.io,                       docker.io",
    "docker.io/acme,                  docker.io/acme,                  docker.io",
    "registry.example.org:5000,       registry.example.org:5000,       registry.example.org:5000",
    "Registry.Example.org:5000/Acme/, registry.example.org:5000/Acme,  registry.example.org:5000",
    "HTTP://registry.example.org/v2/, registry.example.org,            registry.example.org",
    "registry.example.org/group/sub,  registry.example.org/group/sub,  registry.example.org",
    "' registry.example.org ',        registry.example.org,            registry.example.org",
  })
  void takesRegistriesAsDockerWritesThem(String written, String registry, String host) {
    assertThat(to(written).registry()).isEqualTo(registry);
    assertThat(to(written).host()).isEqualTo(host);
  }

  @ParameterizedTest
  @CsvSource({
    "registry.example.org,       registry.example.org/a/b,      true",
    "registry.example.org,       REGISTRY.example.org/a/b,      true",
    "registry.example.org/a,     registry.example.org/a/b,      true",
    "registry.example.org/a/b,   registry.example.org/a/b,      true",
    "registry.example.org/a,     registry.example.org/ab/c,     false",
    "registry.example.org/a/b/c, registry.example.org/a/b,      false",
    "registry.example.org,       registry.example.org:5000/a,   false",
    "registry.example.org,       registry.example.org.evil/a,   false",
    "registry.example.org:5000,  registry.example.org/a,        false",
    "docker.io/acme,             docker.io/acme/tool,           true",
    "docker.io/acme,             docker.io/library/tool,        false",
    "'',                         docker.io/library/tool,        false",
    "https://,                   docker.io/library/tool,        false",
  })
  void isForWhatIsBelowItsPathOnItsHostAlone(String registry, String image, boolean itIs) {
    assertThat(to(registry).isFor(image)).isEqualTo(itIs);
  }

  @Test
  void tellsNobodyThePassword() {
    assertThat(to("registry.example.org")).hasToString("user at registry.example.org");
  }
}
