package dev.mayfly.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.IdTokenPolicy;
import dev.mayfly.policy.ImageScope;
import dev.mayfly.policy.Limits;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.PolicyMatch;
import dev.mayfly.policy.SecretScope;
import dev.mayfly.runners.GitLabConfig;
import dev.mayfly.runners.RunnerConfig;
import dev.mayfly.yaml.ConfigException;
import dev.mayfly.yaml.EitherShape;
import dev.mayfly.yaml.Keys;
import dev.mayfly.yaml.ListShape;
import dev.mayfly.yaml.Shape;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds {@code docs/mayfly.schema.json} to the parser. */
class SchemaTest {
  private static final Path COMMITTED = Path.of("..", "docs", "mayfly.schema.json");
  private static final Map<String, String> NAMED_OTHERWISE =
      Map.of(
          "seccomp-knobs",
          "seccomp",
          "refused-ranges",
          "refuse-ranges",
          "is-protected",
          "protected");
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  @Test
  void isCurrent() throws IOException {
    String generated = SchemaGenerator.mayflyYaml();
    if (Boolean.getBoolean("mayfly.update")) {
      Files.writeString(COMMITTED, generated);
    }
    assertThat(COMMITTED)
        .as("rewrite it with: mvn -pl agent test -Dtest=SchemaTest -Dmayfly.update=true")
        .hasContent(generated);
  }

  @Test
  void isASchema() throws IOException {
    Schema schemas =
        REGISTRY.getSchema(SchemaLocation.of(SpecificationVersion.DRAFT_2020_12.getDialectId()));
    assertThat(schemas.validate(new JsonMapper().readTree(SchemaGenerator.mayflyYaml()))).isEmpty();
  }

  @Test
  void acceptsTheShippedFile() throws IOException {
    assertThat(complaints(Files.readString(Path.of("..", "packaging", "etc", "mayfly.yaml"))))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "policies:",
        "policies: [{name: a, limits: , seccomp: }]",
        "engine: host",
        "engine: {type: host, socket: /run/x.sock}",
        "state-dir: /srv/x",
        "policies: [{name: a, image: 'r.example:5000/a/b:c', identity: root}]",
        "policies: [{name: a, limits: {cpus: 0.5, memory: 1.5 GB, lifetime: 1d2h, pids: 8}}]",
        "network: {subnet: 10.7.0.0/16, dns-servers: [10.0.0.53, '10.0.0.54:53', '[fd00::1]:53']}",
        "egress-groups: {'@a': [x.example, '10.0.0.0/8:22'], '@b': []}",
        "egress-groups:",
        "policies: [{name: a, egress: {mode: none}}]",
        "policies: [{name: a, egress: {allow: ['@github', '*.x.example:8000-8010/udp', a_b.example,"
            + " '10.0.0.1:22', '10.0.0.0/8:22', '[fd00::]:1', '[fd00::/8]:1/udp', bücher.example]}}]",
        "policies: [{name: a, egress: {allow: [{to: x.example, max-upload: 1GB, without-sni: true}]}}]",
        "policies: [{name: a, egress: {refuse-ranges: default, gate: true, refused-names: refused}}]",
        "policies: [{name: a, egress: {refuse-ranges: [10.0.0.0/8, 'fd00::/8', 10.0.0.1]}}]",
        "policies: [{name: a, match: {platform: gitlab, project: [a/*, b], protected: false}}]",
        "policies: [{name: a, match: , egress: , on-finding: }]",
        "policies: [{name: a, on-finding: {egress: kill, persistence: audit}}]",
        "policies: [{name: a, on-finding: {rules: {persistence.cron: kill}}}]",
        "policies: [{name: a, monitor: 'off', on-finding: {egress: kill, persistence: audit}}]",
        "runners:",
        "runners: []",
        "runners: [{name: gl-1, gitlab: {url: 'http://gitlab.example:8080/git', token-file: /etc/t}}]",
        "runners: [{name: gl, slots: 500, policy: default, gitlab: {url: 'https://g.example',"
            + " token-file: /etc/t, binary: /usr/local/bin/gitlab-runner, user: ci, tags: [a, 1, true],"
            + " hosts: ['10.0.0.1:22'], stop-grace: 1s, drain: 1s, global: {log_level: debug},"
            + " settings: {environment: ['A=1'], cache: {Type: s3, s3: {Insecure: true}}}}}]",
        "policies: [{name: a, on-finding: {outlive: audit, credentials: kill, memory: block,"
            + " escape: kill, execution: audit, tampering: block, evasion: audit, tools: kill}}]",
        "policies: [{name: a, secrets: , id-tokens: }]",
        "policies: [{name: a, images: {allow: ['node:*', 'registry.example.org/**'], services: []}}]",
        "policies: [{name: a, secrets: {allow: []}}]",
        "policies: [{name: a, secrets: {allow: [DEPLOY_*, 'NPM_TOKEN']}}]",
        "policies: [{name: a, id-tokens: {max-lifetime: 10m, audiences: ['https://*.x.example'],"
            + " jwks-file: /etc/mayfly/jwks.json}}]",
      })
  void acceptsWhatTheParserAccepts(String text) throws Exception {
    assertThat(ConfigParser.parse(Path.of("mayfly.yaml"), text).policies()).isNotEmpty();
    assertThat(complaints(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[]",
        "polices: []",
        "engine: docker",
        "engine:",
        "engine: {sock: /x}",
        "state-dir: x",
        "state-dir: /",
        "policies: [{image: a}]",
        "policies: [{name: A}]",
        "policies: [{name: 1}]",
        "policies: [{name: a, image: A B}]",
        "policies: [{name: a, image: }]",
        "policies: [{name: a, memory: 1GiB}]",
        "policies: [{name: a, require-digest: 'true'}]",
        "policies: [{name: a, identity: nobody}]",
        "policies: [{name: a, seccomp: {allow-all: true}}]",
        "policies: [{name: a, limits: {cpus: '2'}}]",
        "policies: [{name: a, limits: {cpus: 0}}]",
        "policies: [{name: a, limits: {pids: 9.5}}]",
        "policies: [{name: a, limits: {memory: 4}}]",
        "policies: [{name: a, limits: {memory: 4G}}]",
        "policies: [{name: a, limits: {lifetime: 30m1h}}]",
        "policies: [{name: a, limits: {lifetime: ''}}]",
        "network: 10.0.0.0/16",
        "network: {dns-servers: 10.0.0.53}",
        "network: {dns-servers: [dns.example]}",
        "egress-groups: {a: []}",
        "egress-groups: {'@a': x.example}",
        "egress-groups: {'@a': [{to: x.example}]}",
        "policies: [{name: a, egress: {mode: open}}]",
        "policies: [{name: a, egress: {allow: x.example}}]",
        "policies: [{name: a, egress: {allow: }}]",
        "policies: [{name: a, egress: {allow: ['https://x.example/']}}]",
        "policies: [{name: a, egress: {allow: ['fd00::1:443']}}]",
        "policies: [{name: a, egress: {allow: ['x.example:http']}}]",
        "policies: [{name: a, egress: {allow: ['x.example:443/tcp']}}]",
        "policies: [{name: a, egress: {allow: ['@Git hub']}}]",
        "policies: [{name: a, egress: {allow: [443]}}]",
        "policies: [{name: a, egress: {allow: [{max-upload: 1GB}]}}]",
        "policies: [{name: a, egress: {allow: [{to: x.example, upload: 1GB}]}}]",
        "policies: [{name: a, egress: {refuse-ranges: none}}]",
        "policies: [{name: a, egress: {refuse-ranges: [x.example]}}]",
        "policies: [{name: a, egress: {gate: 'yes'}}]",
        "policies: [{name: a, match: {project: []}}]",
        "policies: [{name: a, match: {project: }}]",
        "policies: [{name: a, match: {protected: 'true'}}]",
        "policies: [{name: a, on-finding: block}]",
        "policies: [{name: a, on-finding: {rules: {Cron: kill}}}]",
        "policies: [{name: a, on-finding: {rules: [persistence.cron]}}]",
        "policies: [{name: a, on-finding: {network: block}}]",
        "runners: {}",
        "runners: [{name: gl}]",
        "runners: [{name: GL, gitlab: {url: 'https://g.example', token-file: /etc/t}}]",
        "runners: [{name: gl, gitlab: {url: g.example, token-file: /etc/t}}]",
        "runners: [{name: gl, gitlab: {url: 'https://g.example', token-file: t}}]",
        "runners: [{name: gl, gitlab: {token-file: /etc/t}}]",
        "runners: [{name: gl, slots: 0, gitlab: {url: 'https://g.example', token-file: /etc/t}}]",
        "runners: [{name: gl, gitlab: {url: 'https://g.example', token-file: /etc/t, stop-grace: 5}}]",
        "runners: [{name: gl, gitlab: {url: 'https://g.example', token-file: /etc/t, settings: []}}]",
        "policies: [{name: a, secrets: []}]",
        "policies: [{name: a, secrets: {allow: DEPLOY_*}}]",
        "policies: [{name: a, secrets: {deny: [A]}}]",
        "policies: [{name: a, id-tokens: {max-lifetime: 3600}}]",
        "policies: [{name: a, id-tokens: {jwks-file: jwks.json}}]",
      })
  void refusesWhatTheParserRefuses(String text) throws IOException {
    assertThatThrownBy(() -> ConfigParser.parse(Path.of("mayfly.yaml"), text))
        .isInstanceOf(ConfigException.class);
    assertThat(complaints(text)).isNotEmpty();
  }

  private static List<Error> complaints(String yaml) throws IOException {
    JsonNode tree = new YAMLMapper().readTree(yaml);
    return REGISTRY.getSchema(SchemaGenerator.mayflyYaml()).validate(tree);
  }

  @Test
  void hasAKeyForEveryRecordComponent() {
    assertThat(names(MayflyYaml.FILE)).containsExactlyInAnyOrderElementsOf(of(MayflyConfig.class));
    assertThat(names(section(MayflyYaml.FILE, "engine")))
        .containsExactlyInAnyOrderElementsOf(of(EngineConfig.class));
    Shape.Section<?> policy = section(MayflyYaml.FILE, "policies");
    assertThat(names(policy)).containsExactlyInAnyOrderElementsOf(of(Policy.class));
    assertThat(names(section(policy, "limits")))
        .containsExactlyInAnyOrderElementsOf(of(Limits.class));
    assertThat(names(section(policy, "egress")))
        .containsExactlyInAnyOrderElementsOf(of(EgressPolicy.class));
    assertThat(names(section(policy, "match")))
        .containsExactlyInAnyOrderElementsOf(of(PolicyMatch.class));
    assertThat(names(section(policy, "secrets")))
        .containsExactlyInAnyOrderElementsOf(of(SecretScope.class));
    assertThat(names(section(policy, "id-tokens")))
        .containsExactlyInAnyOrderElementsOf(of(IdTokenPolicy.class));
    assertThat(names(section(policy, "images")))
        .containsExactlyInAnyOrderElementsOf(of(ImageScope.class));
    assertThat(names(section(MayflyYaml.FILE, "network")))
        .containsExactlyInAnyOrderElementsOf(of(NetworkConfig.class));
    Shape.Section<?> runner = section(MayflyYaml.FILE, "runners");
    assertThat(names(runner)).containsExactlyInAnyOrderElementsOf(of(RunnerConfig.class));
    List<String> gitlab = new ArrayList<>(of(GitLabConfig.class));
    gitlab.remove("times");
    gitlab.addAll(of(GitLabConfig.Times.class));
    gitlab.addAll(List.of("binary-digest", "tags"));
    assertThat(names(section(runner, "gitlab"))).containsExactlyInAnyOrderElementsOf(gitlab);
  }

  private static List<String> names(Shape.Section<?> section) {
    return section.keys().stream().<String>map(Keys.Key::name).toList();
  }

  /** The keys that the components of a record should have. */
  private static List<String> of(Class<? extends Record> type) {
    return Arrays.stream(type.getRecordComponents())
        .map(RecordComponent::getName)
        .map(name -> name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT))
        .map(name -> NAMED_OTHERWISE.getOrDefault(name, name))
        .toList();
  }

  private static Shape.Section<?> section(Shape.Section<?> parent, String name) {
    Shape<?> shape =
        parent.keys().stream()
            .filter(key -> key.name().equals(name))
            .findFirst()
            .orElseThrow()
            .shape();
    return switch (shape) {
      case Shape.Section<?> section -> section;
      case ListShape.Items<?> items -> items.item();
      case EitherShape.WordOrSection<?> either -> either.section();
      default -> throw new AssertionError(name + " has no keys");
    };
  }
}
