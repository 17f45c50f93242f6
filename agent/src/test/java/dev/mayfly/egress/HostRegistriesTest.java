package dev.mayfly.egress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.egress.HostRegistries.Found;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HostRegistriesTest {
  private static final Path HOSTS = Path.of("src", "test", "resources", "hosts");
  private static final Map<String, String> MIRROR = Map.of("MIRROR", "mirror.acme.example:8081");

  private static HostRegistries.Reading full(Map<String, String> environment) {
    return HostRegistries.read(HOSTS.resolve("full"), "/home/ci", environment);
  }

  private static List<String> hosts(HostRegistries.Reading reading, String group) {
    return Objects.requireNonNull(reading.hosts().get(group)).stream()
        .map(Found::rule)
        .map(rule -> rule.meaning())
        .toList();
  }

  @Test
  void readsWhatTheClientsOfTheHostAreConfiguredToUse() {
    HostRegistries.Reading reading = full(MIRROR);
    assertThat(hosts(reading, "@npm"))
        .containsExactly("mirror.acme.example:8081/tcp", "scoped.acme.example:8443/tcp");
    assertThat(hosts(reading, "@pypi"))
        .containsExactlyInAnyOrder(
            "mine.acme.example:443/tcp", "one.acme.example:443/tcp", "two.acme.example:8443/tcp");
    assertThat(hosts(reading, "@maven"))
        .containsExactly(
            "mirror.acme.example:8081/tcp",
            "own.acme.example:443/tcp",
            "plugins.acme.example:443/tcp");
    assertThat(hosts(reading, "@apt"))
        .containsExactly(
            "apt.acme.example:80/tcp",
            "src.acme.example:8443/tcp",
            "list.acme.example:443/tcp",
            "one.acme.example:443/tcp",
            "[2001:db8::10/128]:3142/tcp",
            "last.acme.example:443/tcp");
    assertThat(hosts(reading, "@images"))
        .containsExactly(
            "mirror.acme.example:5000/tcp",
            "192.0.2.7/32:5000/tcp",
            "first.acme.example:443/tcp",
            "second.acme.example:5000/tcp",
            "internal.acme.example:5000/tcp",
            "mirror2.acme.example:443/tcp",
            "*.wild.acme.example:443/tcp",
            "last.acme.example:443/tcp");
    assertThat(reading.problems()).isEmpty();
  }

  @Test
  void tellsWhichFileNamesAHost() {
    assertThat(full(MIRROR).hosts().get("@npm"))
        .extracting(Found::source)
        .containsExactly("/home/ci/.npmrc", "/etc/npmrc");
  }

  @Test
  void takesTheEnvironmentBeforeFiles() {
    HostRegistries.Reading reading =
        full(
            Map.of(
                "MIRROR", "mirror.acme.example",
                "NPM_CONFIG_REGISTRY", "https://env.acme.example/",
                "PIP_INDEX_URL", "https://index.acme.example/simple",
                "PIP_EXTRA_INDEX_URL", "https://a.acme.example https://b.acme.example"));
    assertThat(hosts(reading, "@npm"))
        .containsExactly("env.acme.example:443/tcp", "scoped.acme.example:8443/tcp");
    assertThat(hosts(reading, "@pypi"))
        .containsExactlyInAnyOrder(
            "index.acme.example:443/tcp", "a.acme.example:443/tcp", "b.acme.example:443/tcp");
    assertThat(reading.hosts().get("@pypi"))
        .extracting(Found::source)
        .contains("$PIP_INDEX_URL", "$PIP_EXTRA_INDEX_URL");
  }

  @Test
  void knowsNoHostOfItsOwn(@TempDir Path empty) {
    HostRegistries.Reading reading = HostRegistries.read(empty, "/root", Map.of());
    assertThat(reading.hosts()).containsOnlyKeys(HostRegistries.GROUPS);
    assertThat(reading.hosts().values()).allMatch(List::isEmpty);
    assertThat(reading.problems()).isEmpty();
    EgressGroups.Group npm = EgressGroups.of(Map.of(), reading).group("@npm");
    assertThat(npm.entries()).isEmpty();
    assertThat(npm.note()).contains("nothing configured on this host: set egress-groups");
  }

  @Test
  void tellsWhatItCannotReadOrUse() {
    HostRegistries.Reading reading =
        HostRegistries.read(HOSTS.resolve("broken"), "/root", Map.of());
    assertThat(reading.hosts().values()).allMatch(List::isEmpty);
    assertThat(reading.problems())
        .anyMatch(
            p -> p.startsWith("/etc/maven/settings.xml is not XML that is read here: DOCTYPE"))
        .anyMatch(p -> p.startsWith("/root/.m2/settings.xml is not XML that is read here: "))
        .anyMatch(p -> p.startsWith("/etc/docker/daemon.json is not JSON: "))
        .contains(
            "/etc/npmrc names localhost, which is the sandbox itself to a job",
            "/etc/npmrc names \"ftp://…@x.example/\", which is no http or https URL",
            "/etc/npmrc names \"https:///\", which is no http or https URL",
            "/etc/apt/sources.list names \"tor+http://x.example/\", which is no http or https URL")
        .anyMatch(
            p -> p.startsWith("/etc/npmrc: \"127.0.0.1:4873\" can't be reached from a sandbox"))
        .noneMatch(p -> p.contains("secret"));
  }

  @Test
  void readsNoFileThatIsTooLarge(@TempDir Path root) throws IOException {
    Files.createDirectories(root.resolve("etc"));
    Files.writeString(
        root.resolve("etc/npmrc"), "registry=https://x.example/\n" + "#".repeat(1 << 20));
    HostRegistries.Reading reading = HostRegistries.read(root, "/root", Map.of());
    assertThat(reading.hosts().get("@npm")).isEmpty();
    assertThat(reading.problems())
        .containsExactly("/etc/npmrc is larger than 1MiB and was not read");
  }
}
