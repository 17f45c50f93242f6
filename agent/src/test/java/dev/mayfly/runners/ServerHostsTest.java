package dev.mayfly.runners;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.policy.EgressRule;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ServerHostsTest {
  private static final String INSTANCE = "https://gitlab.example";

  private static GitLabConfig gitlab(
      String url, Map<String, Object> settings, EgressRule... hosts) {
    return new GitLabConfig(
        URI.create(url),
        Path.of("/etc/mayfly/gl.token"),
        Optional.empty(),
        new GitLabConfig.Program(GitLabConfig.Program.GITLAB_RUNNER, Optional.empty()),
        Optional.empty(),
        List.of(hosts),
        GitLabConfig.Times.DEFAULT,
        Map.of(),
        settings);
  }

  private static List<String> hosts(String url, Map<String, Object> settings) {
    return texts(gitlab(url, settings), Optional.empty());
  }

  private static List<String> texts(GitLabConfig gitlab, Optional<URI> cloneUrl) {
    return ServerHosts.of(gitlab, cloneUrl).stream().map(EgressRule::text).toList();
  }

  private static List<String> cache(Map<String, Object> cache) {
    List<String> hosts = hosts(INSTANCE, Map.of("cache", cache));
    assertThat(hosts).first().isEqualTo("gitlab.example:443");
    return hosts.subList(1, hosts.size());
  }

  @ParameterizedTest
  @CsvSource({
    "https://gitlab.example, gitlab.example:443",
    "http://gitlab.example, gitlab.example:80",
    "http://gitlab.example:8080/git, gitlab.example:8080",
    "https://GitLab.Example, gitlab.example:443",
    "https://10.0.0.1, 10.0.0.1:443",
    "'https://[fd00::1]:8443', '[fd00::1]:8443'",
  })
  void haveTheInstanceWithItsPort(String url, String host) {
    assertThat(hosts(url, Map.of())).containsExactly(host);
  }

  @Test
  void haveTheRepositoryWhereItIsElsewhere() {
    GitLabConfig gitlab = gitlab(INSTANCE, Map.of());
    assertThat(texts(gitlab, Optional.of(URI.create("https://code.example/"))))
        .containsExactly("gitlab.example:443", "code.example:443");
    assertThat(texts(gitlab, Optional.of(URI.create("https://gitlab.example/"))))
        .containsExactly("gitlab.example:443");
  }

  @Test
  void haveTheUrlThatRepositoriesAreClonedFrom() {
    assertThat(hosts(INSTANCE, Map.of("clone_url", "http://inside.example:3000/")))
        .containsExactly("gitlab.example:443", "inside.example:3000");
  }

  private static void refuses(Map<String, Object> settings, String message) {
    assertThatThrownBy(() -> gitlab(INSTANCE, settings))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource({
    "inside.example, inside.example",
    "https:///x, https:///x",
    "inside, inside",
    "a b, a b",
    "https://user:s3cret@/x, https://…@/x",
    "user:s3cret@inside.example?token=s3cret, …@inside.example?…",
    "/path?token=s3cret, /path?…",
    "https://user:s3/cr@et@x y, https://…@x y",
  })
  void refuseAUrlToCloneFromThatNamesNoHost(String url, String shown) {
    refuses(
        Map.of("clone_url", url),
        "settings have a clone_url, \""
            + shown
            + "\", that names no host: write it as https://gitlab.example.org");
  }

  private static void refusesCache(String type, Map<String, Object> values, String message) {
    assertThatThrownBy(() -> gitlab(INSTANCE, Map.of("cache", Map.of("Type", type, type, values))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "a..b", ".a", "a.", "-a", "a/b", "*", "a:80", "bücket"})
  void refuseABucketThatIsNone(String bucket) {
    refusesCache(
        "s3",
        Map.of("BucketName", bucket),
        "settings have a BucketName, \""
            + bucket
            + "\", that is no bucket's: write at most 63 letters, digits, '-', '_' and single '.',"
            + " a letter or digit first and last");
  }

  @Test
  void refuseHostsOfACacheThatNoRuleCanHave() {
    refusesCache(
        "s3",
        Map.of("ServerAddress", "https://s3.example"),
        "settings have with ServerAddress a host that jobs can't be let to: \"https://s3.example:443\" ");
    refusesCache(
        "s3",
        Map.of("BucketName", "ci", "BucketLocation", "eu west"),
        "settings have with BucketLocation a host that jobs can't be let to: ");
    refusesCache(
        "azure",
        Map.of("AccountName", "a b"),
        "settings have with AccountName a host that jobs can't be let to: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://localhost",
        "http://LOCALHOST:3000",
        "http://127.0.0.1:8080",
        "http://127.9.9.9",
        "http://[::1]:8080",
        "http://0.0.0.0"
      })
  void leaveThisMachinesLoopbackOut(String url) {
    assertThat(hosts(url, Map.of())).isEmpty();
  }

  @Test
  void haveWhatTheOperatorAdds() {
    GitLabConfig gitlab = gitlab(INSTANCE, Map.of(), EgressRule.parse("lfs.example:8443"));
    assertThat(texts(gitlab, Optional.empty()))
        .containsExactly("gitlab.example:443", "lfs.example:8443");
  }

  @Test
  void haveAServerOfS3() {
    assertThat(cache(Map.of("Type", "s3", "s3", Map.of("ServerAddress", "minio.example:9000"))))
        .containsExactly("minio.example:9000");
    assertThat(cache(Map.of("Type", "s3", "s3", Map.of("ServerAddress", "minio.example"))))
        .containsExactly("minio.example:443");
    assertThat(
            cache(
                Map.of(
                    "Type",
                    "s3",
                    "s3",
                    Map.of(
                        "ServerAddress", "minio.example", "BucketName", "ci", "Insecure", true))))
        .containsExactly("minio.example:80", "ci.minio.example:80");
    assertThat(
            cache(
                Map.of(
                    "Type",
                    "s3",
                    "s3",
                    Map.of("ServerAddress", "10.0.0.5:9000", "BucketName", "ci"))))
        .containsExactly("10.0.0.5:9000");
  }

  /**
   * A certificate for *.s3.amazonaws.com is for one label: clients put such buckets in the path.
   */
  @ParameterizedTest
  @ValueSource(strings = {"ci.cache", "CI", "ci_cache"})
  void haveTheServerAloneForBucketsThatAreNoLabel(String bucket) {
    assertThat(
            cache(
                Map.of(
                    "Type",
                    "s3",
                    "s3",
                    Map.of("BucketName", bucket, "BucketLocation", "eu-central-1"))))
        .containsExactly(
            "s3.amazonaws.com:443",
            "s3.eu-central-1.amazonaws.com:443",
            "s3.dualstack.eu-central-1.amazonaws.com:443");
    assertThat(
            cache(
                Map.of(
                    "Type",
                    "s3",
                    "s3",
                    Map.of("ServerAddress", "minio.example:9000", "BucketName", bucket))))
        .containsExactly("minio.example:9000");
  }

  @Test
  void haveTheServerAloneWherePathsAreAskedFor() {
    assertThat(
            cache(
                Map.of(
                    "Type",
                    "s3",
                    "s3",
                    Map.of(
                        "ServerAddress", "minio.example", "BucketName", "ci", "PathStyle", true))))
        .containsExactly("minio.example:443");
  }

  @Test
  void haveAmazonsOwnS3InItsRegion() {
    assertThat(
            cache(
                Map.of(
                    "Type",
                    "s3",
                    "s3",
                    Map.of("BucketName", "ci", "BucketLocation", "eu-central-1"))))
        .containsExactly(
            "s3.amazonaws.com:443",
            "ci.s3.amazonaws.com:443",
            "ci.s3.eu-central-1.amazonaws.com:443",
            "ci.s3.dualstack.eu-central-1.amazonaws.com:443");
    assertThat(cache(Map.of("Type", "s3"))).containsExactly("s3.amazonaws.com:443");
  }

  @Test
  void haveTheStoresOfGoogleAndAzure() {
    assertThat(cache(Map.of("Type", "gcs"))).containsExactly("storage.googleapis.com:443");
    assertThat(cache(Map.of("Type", "azure", "azure", Map.of("AccountName", "acme"))))
        .containsExactly("acme.blob.core.windows.net:443");
    assertThat(
            cache(
                Map.of(
                    "Type",
                    "azure",
                    "azure",
                    Map.of("AccountName", "acme", "StorageDomain", "blob.example"))))
        .containsExactly("acme.blob.example:443");
    assertThat(cache(Map.of("Type", "azure"))).isEmpty();
    assertThat(cache(Map.of("Type", "none"))).isEmpty();
    assertThat(cache(Map.of())).isEmpty();
  }
}
