package dev.mayfly.cli;

import static dev.mayfly.cli.Diagnosis.missing;
import static dev.mayfly.cli.Diagnosis.ok;
import static dev.mayfly.cli.Diagnosis.weak;

import dev.mayfly.config.EngineConfig;
import dev.mayfly.config.MayflyConfig;
import dev.mayfly.engine.DockerEngine;
import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.EngineFacts;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.PullPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Looks at the container engine and the images of the policies. */
final class EngineDoctor {
  private static final String REFUSED = "every job is refused";
  private static final String START = "packaging/engine/mayfly-engine up";

  private final MayflyConfig config;
  private final boolean ownEngine;

  EngineDoctor(MayflyConfig config) {
    this.config = config;
    this.ownEngine = config.engine().type() == EngineConfig.Type.PRIVATE;
  }

  List<Diagnosis> examine() {
    List<Diagnosis> found = new ArrayList<>();
    Path socket = Host.socket(config.engine());
    try (Engine engine = DockerEngine.connect(socket)) {
      EngineFacts facts = engine.facts();
      found.add(ok("engine", facts.product() + " " + facts.version() + " on " + socket));
      found.add(userNamespace(facts));
      if (ownEngine && facts.userNamespace()) {
        found.add(subordinateIds());
      }
      found.add(
          facts.securityOptions().contains("seccomp")
              ? ok("engine's seccomp", "applies profiles")
              : missing(
                  "engine's seccomp",
                  "applies no profiles",
                  REFUSED,
                  "boot a kernel with CONFIG_SECCOMP_FILTER, or use another engine"));
      found.add(
          facts.storageDriver().startsWith("overlay")
              ? ok("storage driver", facts.storageDriver())
              : missing(
                  "storage driver",
                  facts.storageDriver(),
                  "the disk of a sandbox can't be bounded: " + REFUSED,
                  "start the engine with --storage-driver overlay2"));
      found.add(
          facts.cgroupDriver().equals("cgroupfs")
              ? ok("cgroup driver", facts.cgroupDriver())
              : weak(
                  "cgroup driver",
                  facts.cgroupDriver(),
                  "limits are not read back, and reports tell no resources",
                  "start the engine with --exec-opt native.cgroupdriver=cgroupfs"));
      for (Policy policy : config.policies()) {
        found.add(image(engine, policy));
      }
    } catch (EngineException e) {
      found.add(
          missing(
              "engine",
              String.valueOf(e.getMessage()),
              REFUSED,
              ownEngine ? START : "start it, or name its socket in the configuration"));
    }
    return found;
  }

  private Diagnosis userNamespace(EngineFacts facts) {
    if (facts.userNamespace()) {
      return ok("user namespace", "in force: root of a sandbox is nobody on the host");
    }
    String found = "not in force";
    return ownEngine
        ? missing("user namespace", found, REFUSED, START)
        : weak(
            "user namespace",
            found,
            "root of a sandbox is the host's root behind its other confinement; jobs run as uid 1001"
                + " unless their policy says otherwise",
            facts.isPodman()
                ? "say engine: private"
                : "start it with --userns-remap, or say engine: private");
  }

  private static Diagnosis subordinateIds() {
    try {
      for (String file : List.of("/etc/subuid", "/etc/subgid")) {
        try (Stream<String> lines = Files.lines(Path.of(file))) {
          if (lines.noneMatch(line -> line.startsWith("mayfly:"))) {
            return weak(
                "sub-ids",
                file + " has none for the user mayfly",
                "other users' containers may use the same ids as sandboxes",
                START);
          }
        }
      }
      return ok("sub-ids", "Mayfly's own");
    } catch (IOException e) {
      return weak(
          "sub-ids",
          "could not be found out: " + e.getMessage(),
          "other users' containers may use the same ids as sandboxes",
          START);
    }
  }

  private static Diagnosis image(Engine engine, Policy policy) throws EngineException {
    String subject = "image of " + policy.name();
    try {
      ImageFacts image = engine.image(policy.image().toString());
      return ok(subject, policy.image() + " " + image.id().substring(0, 19));
    } catch (EngineException.Missing e) {
      String found = policy.image() + " is not in the engine";
      if (policy.image().name().equals(Policy.DEFAULT_IMAGE.name())) {
        return missing(
            subject, found, "jobs of this policy are refused", "packaging/image/mayfly-base");
      }
      return policy.pull() == PullPolicy.MISSING
          ? weak(
              subject,
              found,
              "the first job waits for it, and is refused where no registry answers",
              "pull or load it into the engine")
          : missing(
              subject,
              found,
              "jobs of this policy are refused",
              "load it into the engine, or say pull: missing");
    }
  }
}
