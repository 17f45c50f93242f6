package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What came of attempts of {@code probes/egress.py}, by their names. */
record EgressAttempts(Map<String, Attempt> byName, Mayfly.Result result) {
  private static final String PROBE = "egress.py";
  private static final ObjectMapper JSON = new ObjectMapper();

  EgressAttempts {
    byName = Map.copyOf(byName);
  }

  /**
   * An attempt.
   *
   * @param result {@code CONNECTED}, or why not
   * @param millis until that was known
   * @param canary what it tried to get out
   * @param began seconds since the epoch
   * @param target whom it tried to reach
   */
  record Attempt(
      String name,
      String result,
      double millis,
      String canary,
      double began,
      double ended,
      Target target) {}

  /**
   * What was dialled last, and the name that was asked for last.
   *
   * @param port -1 where nothing was dialled
   * @param address empty where nothing was dialled
   * @param name empty where none was asked for
   */
  record Target(String protocol, String address, int port, String name) {}

  /** The probe in a directory that has nothing else, for sandboxes to be given a copy of. */
  static Path probeIn(Path directory) {
    try {
      Files.createDirectories(directory);
      Files.copy(EgressWorld.resource("/probes/" + PROBE), directory.resolve(PROBE));
      return directory;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes attempts as a job. */
  static EgressAttempts ofJob(Mayfly mayfly, String policy, Path probe, String... attempts) {
    Mayfly.Result result = mayfly.execWith(options(policy, probe), command(attempts));
    assertThat(result.exitCode()).as(result.stderr()).isZero();
    return parse(result);
  }

  /** Options of mayfly exec for a job that has the probe. */
  static List<String> options(String policy, Path probe) {
    return List.of("--policy", policy, "--workspace", probe.toString());
  }

  /** The command line of the probe in its directory. */
  static String[] command(String... attempts) {
    List<String> command = new ArrayList<>(List.of("python3", PROBE));
    command.addAll(List.of(attempts));
    return command.toArray(String[]::new);
  }

  /** Makes them where nothing is forbidden, as root with every capability. */
  static EgressAttempts ofControl(String... attempts) {
    return ofHostCommand(
        List.of("ip", "netns", "exec", EgressWorld.CONTROL_SPACE, "/usr/bin/python3"), attempts);
  }

  /** Makes them on the host itself. */
  static EgressAttempts ofHost(String... attempts) {
    return ofHostCommand(List.of("/usr/bin/python3"), attempts);
  }

  /**
   * Makes them as root with every capability in the network name space of a sandbox: as a job would
   * that had broken out of all but that.
   *
   * @param pid1 of the sandbox, as the host numbers it
   */
  static EgressAttempts ofBrokenSandbox(long pid1, String... attempts) {
    return ofHostCommand(
        List.of("nsenter", "--target", Long.toString(pid1), "--net", "/usr/bin/python3"), attempts);
  }

  private static EgressAttempts ofHostCommand(List<String> prefix, String... attempts) {
    List<String> command = new ArrayList<>(prefix);
    command.add("-B");
    command.add(EgressWorld.resource("/probes/" + PROBE).toString());
    command.addAll(List.of(attempts));
    try {
      Process process = new ProcessBuilder(command).start();
      var stderr = Mayfly.collect(process.getErrorStream());
      byte[] stdout = process.getInputStream().readAllBytes();
      int code = process.waitFor();
      String said = new String(stderr.join(), StandardCharsets.UTF_8);
      assertThat(code).as(said).isZero();
      return parse(new Mayfly.Result(code, stdout, said));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Reads what the probe printed; other lines may be between. */
  static EgressAttempts parse(Mayfly.Result result) {
    Map<String, Attempt> found = new LinkedHashMap<>();
    for (String line : result.stdout().lines().toList()) {
      if (!line.startsWith("{\"attempt\"")) {
        continue;
      }
      try {
        JsonNode one = JSON.readTree(line);
        String name = one.path("attempt").asText();
        found.put(
            name,
            new Attempt(
                name,
                one.path("result").asText(),
                one.path("ms").asDouble(),
                one.path("canary").asText(),
                one.path("began").asDouble(),
                one.path("ended").asDouble(),
                new Target(
                    one.path("protocol").asText(""),
                    one.path("address").asText(""),
                    one.path("port").asInt(-1),
                    one.path("name").asText(""))));
      } catch (JsonProcessingException e) {
        throw new AssertionError("not a line of the probe: " + line, e);
      }
    }
    return new EgressAttempts(found, result);
  }

  /** One attempt, which must have been made. */
  Attempt get(String name) {
    Attempt attempt = byName.get(name);
    if (attempt == null) {
      throw new AssertionError("%s was not tried: %s".formatted(name, result));
    }
    return attempt;
  }

  String resultOf(String name) {
    return get(name).result();
  }
}
