package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** What {@code probes/job.py} saw and what came of what it tried. */
final class JobView {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PROBE = "job.py";

  private final String name;
  private final Mayfly.Result result;
  private final JsonNode seen;

  private JobView(String name, Mayfly.Result result) {
    this.name = name;
    this.result = result;
    List<String> lines = result.stdout().lines().toList();
    try {
      this.seen = JSON.readTree(lines.getLast());
    } catch (JsonProcessingException e) {
      throw new AssertionError("the probe printed no JSON: " + lines.getLast(), e);
    }
  }

  /** A mount, as {@code /proc/self/mountinfo} has it. */
  record Mount(String root, String target, Set<String> options, String type, String source) {}

  /** Puts the probe into a directory that has nothing else, for sandboxes to be given a copy of. */
  static Path probeIn(Path directory) throws IOException {
    try (InputStream source =
        Objects.requireNonNull(JobView.class.getResourceAsStream("/probes/" + PROBE))) {
      Files.createDirectories(directory);
      Files.copy(source, directory.resolve(PROBE));
    }
    return directory;
  }

  /**
   * Runs the probe as a job.
   *
   * @param addresses what it is to connect to
   */
  static JobView ofJob(Mayfly mayfly, String policy, Path probe, String... addresses) {
    List<String> command = new ArrayList<>(List.of("python3", PROBE));
    command.addAll(Arrays.asList(addresses));
    Mayfly.Result result =
        mayfly.execWith(
            List.of("--policy", policy, "--workspace", probe.toString()),
            command.toArray(String[]::new));
    assertThat(result.exitCode()).as(result.stderr()).isZero();
    return new JobView(policy, result);
  }

  /** Runs the probe where nothing is forbidden, as the child of a PID 1 without any protection. */
  static JobView ofControl(Path probe) {
    // A shell heeds SIGINT, which the probe sends to it, unless it is told not to.
    String pid1 = "trap '' INT; python3 " + PROBE + " && true";
    String stdout = ControlContainer.unconfined().run(probe, "sh", "-c", pid1);
    return new JobView(
        "control", new Mayfly.Result(0, stdout.getBytes(StandardCharsets.UTF_8), ""));
  }

  /** What the probe's process wrote and how it ended. */
  Mayfly.Result result() {
    return result;
  }

  /** {@code OK}, or the errno with which it failed. */
  String attempt(String what) {
    return text("attempts", what);
  }

  /** Every attempt whose name begins so, with what came of it. */
  Map<String, String> attempts(String prefix) {
    Map<String, String> found = new TreeMap<>();
    seen.path("attempts")
        .properties()
        .forEach(
            attempt -> {
              if (attempt.getKey().startsWith(prefix)) {
                found.put(attempt.getKey(), attempt.getValue().asText());
              }
            });
    return found;
  }

  /** A field of {@code /proc/self/status}. */
  String status(String field) {
    return text("status", field);
  }

  /** Bytes or entries at a path as a number, or the errno that hides them. */
  String visible(String path) {
    return text("visible", path);
  }

  String fact(String what) {
    return text("facts", what);
  }

  /** Unix sockets, or device nodes, on every file system but the kernel's own. */
  Set<String> files(String kind) {
    Set<String> paths = new TreeSet<>();
    seen.path(kind).forEach(path -> paths.add(path.asText()));
    return paths;
  }

  /** The name of every process that shows, and the uid it has inside. */
  Map<String, String> processes() {
    Map<String, String> found = new TreeMap<>();
    seen.path("processes")
        .forEach(process -> found.put(process.path("name").asText(), process.path("uid").asText()));
    return found;
  }

  List<Mount> mounts() {
    List<Mount> mounts = new ArrayList<>();
    for (JsonNode mount : seen.path("mounts")) {
      Set<String> options = new TreeSet<>();
      mount.path("options").forEach(option -> options.add(option.asText()));
      mounts.add(
          new Mount(
              mount.path("root").asText(),
              mount.path("target").asText(),
              options,
              mount.path("type").asText(),
              mount.path("source").asText()));
    }
    return mounts;
  }

  /** The mount that is seen at a path, which is the last one made there. */
  Mount mount(String target) {
    return mounts().reversed().stream()
        .filter(mount -> mount.target().equals(target))
        .findFirst()
        .orElseThrow(() -> new AssertionError("nothing is mounted at " + target));
  }

  private String text(String section, String key) {
    JsonNode value = seen.path(section).path(key);
    assertThat(value.isTextual()).as("%s has %s", section, key).isTrue();
    return value.asText();
  }

  @Override
  public String toString() {
    return name;
  }
}
