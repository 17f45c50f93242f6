package dev.mayfly.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.mayfly.job.Finding;
import dev.mayfly.job.Job;
import dev.mayfly.job.JobId;
import dev.mayfly.policy.ByteSize;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.Glob;
import dev.mayfly.policy.Identity;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.Limits;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.PolicyMatch;
import dev.mayfly.policy.PullPolicy;
import dev.mayfly.policy.Reactions;
import dev.mayfly.policy.SeccompKnob;
import dev.mayfly.yaml.ConfigError;
import dev.mayfly.yaml.ConfigException;
import dev.mayfly.yaml.EitherShape;
import dev.mayfly.yaml.ListShape;
import dev.mayfly.yaml.Shape;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigParserTest {
  private static final Path FILE = Path.of("mayfly.yaml");

  private static MayflyConfig parse(String text) throws ConfigException {
    return ConfigParser.parse(FILE, text);
  }

  private static List<String> errors(String text) {
    ConfigException thrown = catchThrowableOfType(ConfigException.class, () -> parse(text));
    assertThat(thrown).as("text accepted: %s", text).isNotNull();
    return thrown.errors().stream().map(ConfigError::toString).toList();
  }

  private static String error(String text) {
    return String.join("\n", errors(text));
  }

  @Test
  void takesEveryKeyOfTheFile() throws Exception {
    MayflyConfig config =
        parse(
            """
            engine: {type: host, socket: /run/podman/podman.sock}
            state-dir: /srv/mayfly
            report-dir: /srv/reports
            policies:
              - name: build
                image: registry.example:5000/ci/build:v1
                identity: user
                read-only-root: true
                seccomp: {allow-ptrace: true, allow-perf: false}
                limits:
                  cpus: 1.5
                  memory: 512MiB
                  pids: 64
                  disk: 2GB
                  inodes: 20000
                  open-files: 1024
                  lifetime: 1h30m
            """);
    assertThat(config.engine())
        .isEqualTo(
            new EngineConfig(
                EngineConfig.Type.HOST, Optional.of(Path.of("/run/podman/podman.sock"))));
    assertThat(config.stateDir()).isEqualTo(Path.of("/srv/mayfly"));
    assertThat(config.reportDir()).isEqualTo(Path.of("/srv/reports"));
    assertThat(config.policy("build"))
        .isEqualTo(
            new Policy(
                "build",
                ImageReference.parse("registry.example:5000/ci/build:v1"),
                false,
                PullPolicy.MISSING,
                Optional.of(Identity.USER),
                true,
                Set.of(SeccompKnob.ALLOW_PTRACE),
                new Limits(
                    new BigDecimal("1.5"),
                    ByteSize.ofMiB(512),
                    64,
                    new ByteSize(2_000_000_000),
                    20_000,
                    1024,
                    Duration.ofMinutes(90),
                    5),
                EgressPolicy.DEFAULT,
                Optional.empty(),
                PolicyMatch.NONE,
                Policy.DEFAULT.onFinding()));
    assertThat(config.policy("default")).isEqualTo(Policy.DEFAULT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "# nothing\n",
        "---\n",
        "{}",
        "policies:\n",
        "policies: []",
        "policies: [{name: default}]",
        "policies: [{name: default, limits: , seccomp: }]",
        "engine: private",
        "engine: {}",
      })
  void givesDefaultsForWhatIsNotSaid(String text) throws Exception {
    assertThat(parse(text)).isEqualTo(MayflyConfig.DEFAULT);
  }

  @Test
  void keepsReportsInTheStateDirectoryThatIsNamed() throws Exception {
    assertThat(parse("state-dir: /srv/x/").reportDir()).isEqualTo(Path.of("/srv/x/reports"));
  }

  @Test
  void givesSmallDisksFewerInodes() throws Exception {
    Policy policy = parse("policies: [{name: a, limits: {disk: 64MiB}}]").policy("a");
    assertThat(policy.limits().inodes()).isEqualTo(16_384);
  }

  @Test
  void acceptsWindowsLineEndsAndByteOrderMark(@TempDir Path dir) throws Exception {
    Path file = dir.resolve("mayfly.yaml");
    Files.writeString(file, "\ufeffengine: host\r\nstate-dir: /srv/x\r\n");
    assertThat(ConfigParser.parse(file).engine()).isEqualTo(EngineConfig.HOST);
  }

  @Test
  void reportsAllErrorsTogetherWithLineAndColumn() {
    assertThat(
            errors(
                """
                polices: []
                engine: {type: hots, soket: run/x}
                state-dir: var/lib
                report-dir: /
                state-dir: 5
                policies:
                  - name: default
                    memory: 4GiB
                    image: Foo Bar
                    identity: 1001
                    read-only-root: yes
                    seccomp: {allow_ptrace: true, allow-perf: "true"}
                    limits:
                      cpus: "2"
                      memory: 4
                      pids: 1.5
                      disk: [1]
                      inodes: 010
                      open-files: 1_000
                      lifetime: 120
                  - &x
                    name: other
                  - *x
                  - name: default
                    limits: {disk: 1GiB, inodes: 9000000}
                  - {image: !!str foo, require-digest: true}
                  - foo
                  - name: 123
                    image:
                """))
        .containsExactly(
            "mayfly.yaml:1:1: unknown key \"polices\", did you mean \"policies\"?",
            "mayfly.yaml:2:16: type must be one of private, host, not \"hots\"",
            "mayfly.yaml:2:22: unknown key \"soket\", did you mean \"socket\"?",
            "mayfly.yaml:3:12: state-dir: \"var/lib\" is not an absolute path: begin it with /",
            "mayfly.yaml:4:13: report-dir: \"/\" is the root of the file system: name a place of"
                + " Mayfly's own below it",
            "mayfly.yaml:5:1: key \"state-dir\" is given twice, first in line 3: delete one of them",
            "mayfly.yaml:8:5: unknown key \"memory\": it belongs under \"limits\"",
            "mayfly.yaml:9:12: image: \"Foo Bar\" is not an image name: write name, name:tag or"
                + " name@sha256:…, in lower case",
            "mayfly.yaml:10:15: identity must be one of image, user, root, not \"1001\"",
            "mayfly.yaml:11:21: read-only-root must be true or false without quotes, not \"yes\"",
            "mayfly.yaml:12:15: unknown key \"allow_ptrace\", did you mean \"allow-ptrace\"?",
            "mayfly.yaml:12:47: allow-perf must be true or false without quotes, not \"true\"",
            "mayfly.yaml:14:13: cpus is a number: write it without quotes: 2",
            "mayfly.yaml:15:15: memory: \"4\" is not a size: write a number and one of B, KiB, MiB,"
                + " GiB, TiB, kB, MB, GB, TB, such as 4GiB",
            "mayfly.yaml:16:13: pids must be a whole number between 8 and 4194304, not \"1.5\"",
            "mayfly.yaml:17:13: disk must be text such as 10GiB, not a list",
            "mayfly.yaml:18:15: inodes must be a whole number between 1000 and 1000000000, not"
                + " \"010\"",
            "mayfly.yaml:19:19: open-files must be a whole number between 512 and 1048576, not"
                + " \"1_000\"",
            "mayfly.yaml:20:17: lifetime: \"120\" has no unit: write 120s for seconds, 120m for"
                + " minutes or 120h for hours",
            "mayfly.yaml:21:5: anchors (&name) are not supported: write the value out where it is"
                + " used",
            "mayfly.yaml:23:5: aliases (*name) are not supported: write the value out",
            "mayfly.yaml:24:11: a policy is named \"default\" in line 7 already: give this one"
                + " another name",
            "mayfly.yaml:25:34: inodes must be at most 1048576 on a disk of 1GiB, not 9000000",
            "mayfly.yaml:26:5: key \"name\" is missing: add name: …",
            "mayfly.yaml:26:13: tags (!name) are not supported: write the value without one",
            "mayfly.yaml:27:5: a policy must be keys with values, such as name: …, not \"foo\"",
            "mayfly.yaml:28:11: name is text: write it in quotes: \"123\"",
            "mayfly.yaml:29:11: image must be text such as mayfly-base, not nothing: write a value"
                + " or delete the key");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          cpus: 0           | cpus must be between 0.01 and 4096, not 0
          cpus: -1          | cpus must be between 0.01 and 4096, not -1
          cpus: 99999       | cpus must be between 0.01 and 4096, not 99999
          cpus: 1.234       | cpus must be a number with at most 2 decimals between 0.01 and 4096, not "1.234"
          cpus: two         | cpus must be a number with at most 2 decimals between 0.01 and 4096, not "two"
          cpus: 1e3         | cpus must be a number with at most 2 decimals between 0.01 and 4096, not "1e3"
          cpus: .inf        | cpus must be a number with at most 2 decimals between 0.01 and 4096, not ".inf"
          cpus: true        | cpus must be a number with at most 2 decimals between 0.01 and 4096, not "true"
          cpus: -0.01       | cpus must be between 0.01 and 4096, not -0.01
          pids: 0           | pids must be between 8 and 4194304, not 0
          pids: -1          | pids must be between 8 and 4194304, not -1
          pids: 99999999999999999999 | pids must be a whole number between 8 and 4194304, not "99999999999999999999"
          pids: 7           | pids must be between 8 and 4194304, not 7
          pids: 4294967304  | pids must be between 8 and 4194304, not 4294967304
          pids: 0x400       | pids must be a whole number between 8 and 4194304, not "0x400"
          pids: ~           | pids must be a whole number between 8 and 4194304, not nothing: write a value or delete the key
          memory: 0GiB      | memory: "0GiB" is less than one byte
          memory: -1GiB     | memory: "-1GiB" is not a size: write a number and one of B, KiB, MiB, GiB, TiB, kB, MB, GB, TB, such as 4GiB
          memory: 4G        | memory: "4G" is not a size: write a number and one of B, KiB, MiB, GiB, TiB, kB, MB, GB, TB, such as 4GiB
          memory: 1MiB      | memory must be between 16MiB and 64TiB, not 1MiB
          memory: 65TiB     | memory must be between 16MiB and 64TiB, not 65TiB
          memory: 99999999999TiB | memory: "99999999999TiB" is more bytes than any machine has
          disk: 0GiB        | disk: "0GiB" is less than one byte
          disk: -1GiB       | disk: "-1GiB" is not a size: write a number and one of B, KiB, MiB, GiB, TiB, kB, MB, GB, TB, such as 4GiB
          disk: 17TiB       | disk must be between 64MiB and 16TiB, not 17TiB
          disk: 63MiB       | disk must be between 64MiB and 16TiB, not 63MiB
          disk: {size: 1GiB} | disk must be text such as 10GiB, not keys with values
          inodes: 0         | inodes must be between 1000 and 1000000000, not 0
          inodes: -1        | inodes must be between 1000 and 1000000000, not -1
          inodes: 1000000001 | inodes must be between 1000 and 1000000000, not 1000000001
          inodes: 999       | inodes must be between 1000 and 1000000000, not 999
          inodes: 99999999  | inodes must be at most 10485760 on a disk of 10GiB, not 99999999
          open-files: 0     | open-files must be between 512 and 1048576, not 0
          open-files: -1    | open-files must be between 512 and 1048576, not -1
          open-files: 1048577 | open-files must be between 512 and 1048576, not 1048577
          open-files: 511    | open-files must be between 512 and 1048576, not 511
          lifetime: 0s      | lifetime: "0s" is no time at all: write at least 1s
          lifetime: -2h     | lifetime: "-2h" is not a duration: write whole numbers with d, h, m or s, largest unit first, such as 2h or 1h30m
          lifetime: 999999999d | lifetime must be between 1s and 7d, not 999999999d
          lifetime: 8d      | lifetime must be between 1s and 7d, not 8d
          lifetime: 2 hours | lifetime: "2 hours" is not a duration: write whole numbers with d, h, m or s, largest unit first, such as 2h or 1h30m
          lifetime: 30m1h   | lifetime: "30m1h" is not a duration: write whole numbers with d, h, m or s, largest unit first, such as 2h or 1h30m
          """)
  void refusesImpossibleLimits(String line, String message) {
    int column = line.indexOf(':') + 3;
    assertThat(error("policies:\n- name: a\n  limits:\n    " + line))
        .isEqualTo("mayfly.yaml:4:" + (column + 4) + ": " + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          engine: docker     | 1:9: engine must be one of private, host, or keys with values: type, socket, not "docker"
          engine:            | 1:8: engine must be one of private, host, or keys with values: type, socket, not nothing: write a value or delete the key
          engine: [host]     | 1:9: engine must be one of private, host, or keys with values: type, socket, not a list
          engine: {socket: x.sock} | 1:18: socket: "x.sock" is not an absolute path: begin it with /
          state-dir: ""      | 1:12: state-dir: "" is not an absolute path: begin it with /
          state-dir: /x/..   | 1:12: state-dir: "/x/.." is the root of the file system: name a place of Mayfly's own below it
          state-dir: "/x\\0" | 1:12: state-dir: "/x\\u0000" holds a NUL, which no path can
          policies: {}       | 1:11: policies must be a list with a line "- name: …" for each policy, not keys with values
          policies: default  | 1:11: policies must be a list with a line "- name: …" for each policy, not "default"
          policies: [[]]     | 1:12: a policy must be keys with values, such as name: …, not a list
          policies: [{name: Build}] | 1:19: name: "Build" is not a policy name: use lower-case letters, digits, '.', '_' and '-', at most 63, a letter or digit first
          policies: [{name: a, require-digest: true}] | 1:38: require-digest is set, but image mayfly-base names no digest: write mayfly-base@sha256:…
          policies: [{name: a, require-digest: "no"}] | 1:38: require-digest must be true or false without quotes, not "no"
          - engine           | 1:1: the file must be keys with values, such as state-dir: …, not a list
          just text          | 1:1: the file must be keys with values, such as state-dir: …, not "just text"
          5                  | 1:1: the file must be keys with values, such as state-dir: …, not "5"
          frobnicate: 1      | 1:1: unknown key "frobnicate": the keys here are state-dir, engine, report-dir, network, egress-groups, detections-dir, policies, runners
          stateDir: /x       | 1:1: unknown key "stateDir", did you mean "state-dir"?
          limits: {}         | 1:1: unknown key "limits": the keys here are state-dir, engine, report-dir, network, egress-groups, detections-dir, policies, runners
          <<: {engine: host} | 1:1: unknown key "<<": the keys here are state-dir, engine, report-dir, network, egress-groups, detections-dir, policies, runners
          """)
  void refusesWhatIsNotAConfiguration(String text, String message) {
    assertThat(error(text)).isEqualTo("mayfly.yaml:" + message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {engine: host          | 1:14: not valid YAML: expected ',' or '}', but got <stream end>
          engine: @host          | 1:9: not valid YAML: found character '@' that cannot start any token. (Do not use @ for indentation)
          engine: "host          | 1:14: not valid YAML: found unexpected end of stream
          engine: a: b           | 1:10: not valid YAML: mapping values are not allowed here
          ? [a]                  | 1:4: not valid YAML: a key must be a single text that is written out
          *a : b                 | 1:3: not valid YAML: a key must be a single text that is written out
          engine: *a             | 1:9: aliases (*name) are not supported: write the value out
          state-dir: &a /x       | 1:12: anchors (&name) are not supported: write the value out where it is used
          state-dir: !!str /x    | 1:12: tags (!name) are not supported: write the value without one
          state-dir: !!map {}    | 1:12: tags (!name) are not supported: write the value without one
          engine: !!java.net.URL [x] | 1:9: tags (!name) are not supported: write the value without one
          """)
  void refusesYamlThatIsBrokenOrTooClever(String text, String message) {
    assertThat(error(text)).isEqualTo("mayfly.yaml:" + message);
  }

  @Test
  void refusesTabsAsIndentation() {
    assertThat(error("policies:\n\t- name: x"))
        .isEqualTo(
            "mayfly.yaml:2:1: not valid YAML: found character '\\t(TAB)' that cannot start any"
                + " token. (Do not use \\t(TAB) for indentation)");
  }

  @Test
  void refusesASecondDocument() {
    assertThat(error("engine: host\n---\nengine: private\n"))
        .isEqualTo(
            "mayfly.yaml:3:1: a second document starts here: keep one and delete the \"---\" line");
  }

  @Test
  void refusesDeepNesting() {
    assertThat(error("engine: " + "[".repeat(100_000)))
        .isEqualTo("mayfly.yaml:1:40: nested more than 32 levels deep: nothing here needs that");
  }

  @Test
  void refusesAliasBombsWithoutExpandingThem() {
    StringBuilder text = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 30; i++) {
      text.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    assertThat(errors(text.toString()))
        .contains(
            "mayfly.yaml:30:6: anchors (&name) are not supported: write the value out where it is"
                + " used")
        .hasSize(60);
  }

  @Test
  void refusesCharactersThatYamlDoesNotAllow() {
    assertThat(error("engine: private\nstate-dir: /a\u001b[31m"))
        .isEqualTo("mayfly.yaml:2:14: character U+001B is not allowed in YAML: remove it");
  }

  @Test
  void refusesTooLongSocketPaths() {
    String path = "/run/" + "x".repeat(103);
    assertThat(error("engine: {socket: " + path + "}"))
        .isEqualTo(
            "mayfly.yaml:1:18: socket: \"/run/"
                + "x".repeat(75)
                + "…\" (108 characters) has 108 bytes, but a socket's path has at most 107: use a"
                + " shorter one");
  }

  @Test
  void showsHostileValuesEscapedAndCut() {
    assertThat(error("engine: \"\\e[31m\\nok \\u202e\\u2028\""))
        .isEqualTo(
            "mayfly.yaml:1:9: engine must be one of private, host, or keys with values: type,"
                + " socket, not \"\\u001b[31m\\nok \\u202e\\u2028\"");
    assertThat(error("\"" + "k".repeat(500) + "\": 1")).hasSizeLessThan(250).contains("k…\" (500 ");
    assertThat(messageFor(Path.of("a\u001b[2J\n.yaml"))).startsWith("a\\u001b[2J\\n.yaml: ");
  }

  private static String messageFor(Path file) {
    return String.valueOf(
        catchThrowableOfType(ConfigException.class, () -> ConfigParser.parse(file)).getMessage());
  }

  @Test
  void doesNotBlameLimitsForDefaultsThatStoodInForUnreadableValues() {
    assertThat(errors("policies: [{name: a, limits: {disk: 1XB, inodes: 90000000}}]")).hasSize(1);
  }

  @Test
  void showsAHundredErrorsAndTellsHowManyMoreThereAre() {
    StringBuilder text = new StringBuilder();
    IntStream.range(0, 150).forEach(i -> text.append("zzz").append(i).append(": 1\n"));
    assertThatThrownBy(() -> parse(text.toString()))
        .isInstanceOfSatisfying(ConfigException.class, e -> assertThat(e.errors()).hasSize(150))
        .hasMessageEndingWith("\n… and 50 more errors");
  }

  @Test
  void refusesFilesThatCannotBeRead(@TempDir Path dir) throws IOException {
    Path missing = dir.resolve("none.yaml");
    assertThat(messageFor(missing))
        .isEqualTo(missing + ": no such file: create it, or name another one with --config");
    assertThat(messageFor(dir)).isEqualTo(dir + ": is a directory: name the file in it");
    assertThat(messageFor(Path.of("/dev/null")))
        .isEqualTo("/dev/null: is not a regular file: the configuration is read from one only");
    Path loop = Files.createSymbolicLink(dir.resolve("loop"), dir.resolve("loop"));
    assertThat(messageFor(loop))
        .isEqualTo(loop + ": no such file: create it, or name another one with --config");
    // Root may read everything, so what only fails to be read is a file that the kernel fails.
    Path mem = Path.of("/proc/self/mem");
    assertThat(messageFor(mem)).startsWith("/proc/self/mem: cannot be read: ");
  }

  @Test
  void refusesFilesThatAreTooLarge(@TempDir Path dir) throws IOException, ConfigException {
    Path file = dir.resolve("large.yaml");
    Files.writeString(file, "#".repeat((1 << 20) - 1) + "\n");
    assertThat(ConfigParser.parse(file)).isEqualTo(MayflyConfig.DEFAULT);
    Files.writeString(file, "#".repeat(1 << 20) + "\n");
    assertThat(messageFor(file))
        .isEqualTo(file + ": is larger than 1MiB: this is not a configuration of Mayfly");
  }

  @Test
  void refusesFilesThatAreNotUtf8(@TempDir Path dir) throws IOException {
    Path file = dir.resolve("latin.yaml");
    Files.write(file, "engine: host\n# Gr\u00fc\u00dfe\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThat(messageFor(file))
        .isEqualTo(file + ":2:5: byte 0xfc is not UTF-8: save the file as UTF-8");
    Files.write(file, new byte[] {'#', (byte) 0xe2, (byte) 0x82});
    assertThat(messageFor(file))
        .isEqualTo(file + ":1:2: byte 0xe2 is not UTF-8: save the file as UTF-8");
  }

  @Test
  void takesEveryKeyOfEgress() throws Exception {
    MayflyConfig config =
        parse(
            """
            network: {subnet: 10.77.0.0/16, dns-servers: [10.0.0.53, "10.0.0.54:5353", "[fd00::53]:54", fd00::1]}
            egress-groups:
              "@npm": [packages.acme.example]
              "@db": ["10.0.5.0/24:5432"]
            policies:
              - name: release
                match: {platform: gitlab, project: "acme/*", ref: [main, "release/*"], job: deploy, protected: true}
                egress:
                  mode: allowlist
                  allow:
                    - "@gitlab-com"
                    - "@db"
                    - packages.acme.example:443
                    - {to: "*.example.org:443", max-upload: 200MiB, without-sni: true, encrypted-hello: true}
                    - 10.0.5.0/24:5432
                  refuse-ranges: [10.0.0.0/8, "fd00::/8"]
                  gate: true
                  refused-names: refused
                on-finding: {egress: kill, persistence: audit, rules: {tools.miner: kill}}
            """);
    assertThat(config.network().subnet()).hasToString("10.77.0.0/16");
    assertThat(config.network().dnsServers().stream().map(NetworkConfig::show))
        .containsExactly("10.0.0.53:53", "10.0.0.54:5353", "[fd00::53]:54", "[fd00::1]:53");
    assertThat(config.egressGroups().keySet()).containsExactly("@npm", "@db");
    Policy policy = config.policy("release");
    assertThat(policy.egress().mode()).isEqualTo(EgressMode.ALLOWLIST);
    assertThat(policy.egress().allow().stream().map(EgressRule::meaning))
        .containsExactly(
            "@gitlab-com",
            "@db",
            "packages.acme.example:443/tcp",
            "*.example.org:443/tcp",
            "10.0.5.0/24:5432/tcp");
    assertThat(policy.egress().allow().get(3).terms())
        .isEqualTo(new EgressRule.Terms(Optional.of(ByteSize.ofMiB(200)), true, true));
    assertThat(policy.egress().refusedRanges()).hasToString("[10.0.0.0/8, fd00::/8]");
    assertThat(policy.egress().gate()).isTrue();
    assertThat(policy.egress().refusedNames()).isEqualTo(EgressPolicy.RefusedNames.REFUSED);
    assertThat(policy.match())
        .isEqualTo(
            new PolicyMatch(
                List.of(new Glob("gitlab")),
                List.of(new Glob("acme/*")),
                List.of(new Glob("main"), new Glob("release/*")),
                List.of(new Glob("deploy")),
                Optional.of(true)));
    assertThat(policy.onFinding())
        .isEqualTo(
            new Reactions(
                Map.of(
                    Finding.Category.EGRESS,
                    Finding.Reaction.KILL,
                    Finding.Category.PERSISTENCE,
                    Finding.Reaction.AUDIT),
                Map.of("tools.miner", Finding.Reaction.KILL)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {mode: open} | 8: mode must be one of https, allowlist, none, audit, not "open"
          {mode: none, allow: [a.example]} | 21: allow has entries, but mode: none gives the sandbox no network: delete them, or set mode: allowlist
          {mode: none, gate: true} | 20: gate is for mode: https, not for mode: none: delete it
          {mode: audit, gate: true} | 21: gate is for mode: https, not for mode: audit: delete it
          {allow: a.example} | 9: allow must be a list, such as […], not "a.example"
          {allow: } | 8: allow must be a list, such as […], not nothing: write a value or delete the key
          {allow: [~]} | 10: entry must be text such as packages.example.org:443, or keys with values: to, max-upload, without-sni, encrypted-hello, not nothing: write a value or delete the key
          {allow: [443]} | 10: entry: "443" is not an address or a range of addresses: write one such as 10.0.5.0/24 or 2001:db8::/32
          {allow: ["a b"]} | 10: entry: "a b" is not a host name: write one such as packages.example.org
          {allow: ["@gitub"]} | 10: there is no group "@gitub", did you mean "@github"?
          {allow: [{to: "@gitub"}]} | 10: there is no group "@gitub", did you mean "@github"?
          {allow: [a.example, "A.example:443"]} | 21: the same entry is in line 4 already: delete one of them
          {allow: [a.example, {to: a.example, without-sni: true}]} | 21: the same entry is in line 4 already: delete one of them
          {allow: ["@own", "@own"]} | 18: the same entry is in line 4 already: delete one of them
          {allow: [{max-upload: 1MiB}]} | 10: key "to" is missing: add to: …
          {allow: [{to: a.example, max-upload: 0MiB}]} | 38: max-upload: "0MiB" is less than one byte
          {allow: [{to: a.example, max-upload: 1}]} | 38: max-upload: "1" is not a size: write a number and one of B, KiB, MiB, GiB, TiB, kB, MB, GB, TB, such as 4GiB
          {allow: [{to: a.example, max-upload: 2000000TiB}]} | 38: max-upload must be between 1B and 1024TiB, not 2000000TiB
          {allow: [{to: a.example, maxupload: 1MiB}]} | 26: unknown key "maxupload", did you mean "max-upload"?
          {allow: [{to: "a.example:22", without-sni: true}]} | 44: without-sni is for rules by name on TCP port 443, where the TLS gate looks; delete it
          {allow: [{to: "10.0.0.1:443", encrypted-hello: true}]} | 48: encrypted-hello is for rules by name on TCP port 443, where the TLS gate looks; delete it
          {refuse-ranges: none} | 17: refuse-ranges must be default, or a list, such as [10.0.5.0/24], not "none"
          {refuse-ranges: [10.0.0.1/8]} | 18: range: 10.0.0.1/8 has bits behind its prefix: write them as zero
          {refuse-ranges: [10.0.0.0/8, 10.0.0.0/8]} | 30: the same range is in line 4 already: delete one of them
          {refuse-ranges: [a.example]} | 18: range: "a.example" is not an address or a range of addresses: write one such as 10.0.5.0/24 or 2001:db8::/32
          {refused-names: servfail} | 17: refused-names must be one of nxdomain, refused, not "servfail"
          {allows: []} | 2: unknown key "allows", did you mean "allow"?
          """)
  void refusesImpossibleEgress(String egress, String message) {
    assertThat(
            error(
                "egress-groups: {\"@own\": [x.example]}\npolicies:\n- name: a\n  egress: "
                    + egress))
        .isEqualTo("mayfly.yaml:4:" + shifted(message, "  egress: ".length()));
  }

  /** The same message with its column so many further right. */
  private static String shifted(String message, int by) {
    int colon = message.indexOf(':');
    return Integer.parseInt(message.substring(0, colon)) + by + message.substring(colon);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          network: {subnet: 10.0.0.0/8} | 1:19: subnet must be an IPv4 network of prefix 16, not 10.0.0.0/8
          network: {subnet: "fd00::/16"} | 1:19: subnet must be an IPv4 network of prefix 16, not fd00::/16
          network: {subnet: 8.8.0.0/16} | 1:19: subnet must be in 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 100.64.0.0/10, 198.18.0.0/15, so that no public host has an address of it; 8.8.0.0/16 is not
          network: {dns-servers: [dns.example]} | 1:25: server: "dns.example" is not a DNS server: write its address, such as 198.51.100.53, 198.51.100.53:5353 or [2001:db8::53]:53
          network: {dns-servers: ["10.0.0.53:0"]} | 1:25: server: "10.0.0.53:0" is not a DNS server: write its address, such as 198.51.100.53, 198.51.100.53:5353 or [2001:db8::53]:53
          network: {dns-servers: ["10.0.0.0/8"]} | 1:25: server: "10.0.0.0/8" is not a DNS server: write its address, such as 198.51.100.53, 198.51.100.53:5353 or [2001:db8::53]:53
          network: {dns-servers: ["[10.0.0.53]:53"]} | 1:25: server: "[10.0.0.53]:53" is not a DNS server: write its address, such as 198.51.100.53, 198.51.100.53:5353 or [2001:db8::53]:53
          network: {dns-servers: [10.0.0.53, "10.0.0.53:53"]} | 1:36: the same server is in line 1 already: delete one of them
          egress-groups: [a] | 1:16: egress-groups must be keys with values, such as "@internal": …, not a list
          egress-groups: {npm: []} | 1:17: a key of egress-groups: "npm" is not a group's name: begin it with @, in quotes
          egress-groups: {"@a": x.example} | 1:23: @a must be a list, such as [packages.example.org:443], not "x.example"
          egress-groups: {"@a": ["@github"]} | 1:24: entry: "@github" is a group, and a group holds hosts only: list its hosts here
          egress-groups: {"@a": [{to: x.example}]} | 1:24: entry must be text such as packages.example.org:443, not keys with values
          policies: [{name: a, match: {project: []}}] | 1:39: project must be text such as acme/*, or a list of them, not a list
          policies: [{name: a, match: {project: ""}}] | 1:39: project: "" is not a pattern: write a name such as main, or one with * such as acme/*
          policies: [{name: a, match: {ref: [main, main]}}] | 1:42: the same pattern is in line 1 already: delete one of them
          policies: [{name: a, match: {branch: main}}] | 1:30: unknown key "branch": the keys here are platform, project, ref, job, protected
          policies: [{name: a, match: {protected: "true"}}] | 1:41: protected must be true or false without quotes, not "true"
          policies: [{name: a, on-finding: {egress: warn}}] | 1:43: egress must be one of audit, block, kill, not "warn"
          policies: [{name: a, on-finding: {network: kill}}] | 1:35: unknown key "network": the keys here are egress, persistence, outlive, credentials, memory, escape, execution, tampering, evasion, tools, rules
          policies: [{name: a, on-finding: {rules: {Cron: kill}}}] | 1:43: a key of rules: "Cron" is not a rule's id: write one such as persistence.cron, in lower case
          policies: [{name: a, on-finding: {rules: {tools.miner: stop}}}] | 1:56: tools.miner must be one of audit, block, kill, not "stop"
          policies: [{name: a, monitor: off, on-finding: {tools: kill}}] | 1:12: monitor: off sees nothing that on-finding could react to: leave out one of the two
          policies: [{name: a, monitor: off, on-finding: {rules: {tools.miner: kill}}}] | 1:12: monitor: off sees nothing that on-finding could react to: leave out one of the two
          policies: [{name: a, seccomp: {allow-userns: true}, on-finding: {credentials: block}}] | 1:12: seccomp.allow-userns gives a job ways around the files that on-finding has closed with block or kill of credentials or persistence: leave out one of the two
          policies: [{name: a, seccomp: {allow-io-uring: true}, on-finding: {persistence: kill}}] | 1:12: seccomp.allow-io-uring gives a job ways around the files that on-finding has closed with block or kill of credentials or persistence: leave out one of the two
          policies: [{name: a, egress: {allow: ["198.19.3.0/24:80"]}}] | 1:11: policies can't open the sandboxes' own network 198.19.0.0/16: delete "198.19.3.0/24:80" from egress.allow of a, or choose another network.subnet
          """)
  void refusesWhatMakesNoSenseAroundEgress(String text, String message) {
    assertThat(error(text)).isEqualTo("mayfly.yaml:" + message);
  }

  @Test
  void reportsUnknownGroupsTogetherWithWhatElseIsWrong() {
    assertThat(
            errors(
                """
                policies:
                  - name: a
                    egress: {mode: open, allow: ["@mine", "@nowhere-at-all"]}
                egress-groups: {"@mine": [a b]}
                """))
        .hasSize(3)
        .anyMatch(
            error -> error.contains(":3:43: there is no group \"@nowhere-at-all\": the known"));
  }

  @Test
  void givesAJobTheFirstPolicyThatMatches() throws Exception {
    MayflyConfig config =
        parse(
            """
            policies:
              - {name: by-name-only}
              - {name: release, match: {project: "acme/*", protected: true}}
              - {name: acme, match: {project: "acme/**"}}
            """);
    assertThat(config.policyFor(job("acme/shop", true), "default").name()).isEqualTo("release");
    assertThat(config.policyFor(job("acme/shop", false), "default").name()).isEqualTo("acme");
    assertThat(config.policyFor(job("acme/team/shop", true), "default").name()).isEqualTo("acme");
    assertThat(config.policyFor(job("evil/shop", true), "default").name()).isEqualTo("default");
    assertThat(config.policyFor(Job.local(new JobId("1")), "default").name()).isEqualTo("default");
  }

  @Test
  void tellsWhichPoliciesAJobMightHaveGotWereItsRefKnownToBeProtectedOrNot() throws Exception {
    MayflyConfig config =
        parse(
            """
            policies:
              - {name: deploy, match: {project: "acme/*", protected: true}}
              - {name: open, match: {project: "acme/*", protected: false}}
              - {name: other, match: {project: "other/*", protected: true}}
              - {name: acme, match: {project: "acme/*"}}
              - {name: late, match: {protected: true}}
            """);
    Job unknown = job("acme/shop", Optional.empty());
    assertThat(config.policyFor(unknown, "default").name()).isEqualTo("acme");
    assertThat(config.undecided(unknown)).containsExactly("deploy", "open");
    assertThat(config.undecided(job("evil/shop", Optional.empty()))).containsExactly("late");
    assertThat(config.undecided(job("acme/shop", true))).isEmpty();
    assertThat(config.undecided(job("evil/shop", false))).isEmpty();
  }

  private static Job job(String project, boolean isProtected) {
    return job(project, Optional.of(isProtected));
  }

  private static Job job(String project, Optional<Boolean> isProtected) {
    return new Job(
        new JobId("1"), "gitlab", Optional.of(project), Optional.empty(), "build", isProtected);
  }

  @Test
  void findsPoliciesByNameOrTellsWhichExist() throws Exception {
    MayflyConfig config = parse("policies: [{name: build}]");
    assertThat(config.policy("build").name()).isEqualTo("build");
    assertThatThrownBy(() -> config.policy("biuld\n"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no policy is named \"biuld\\n\", only default, build");
  }

  @Test
  void shipsAFileThatShowsEveryDefault() throws Exception {
    Path shipped = Path.of("..", "packaging", "etc", "mayfly.yaml");
    assertThat(ConfigParser.parse(shipped)).isEqualTo(MayflyConfig.DEFAULT);
    String text = Files.readString(shipped);
    assertThat(allKeys(MayflyYaml.FILE)).allSatisfy(key -> assertThat(text).contains(key + ":"));
  }

  private static List<String> allKeys(Shape.Section<?> section) {
    return section.keys().stream()
        .<String>mapMulti(
            (key, out) -> {
              out.accept(key.name());
              switch (key.shape()) {
                case Shape.Section<?> inner -> allKeys(inner).forEach(out);
                case ListShape.Items<?> items -> allKeys(items.item()).forEach(out);
                case EitherShape.WordOrSection<?> either -> allKeys(either.section()).forEach(out);
                default -> {}
              }
            })
        .toList();
  }
}
