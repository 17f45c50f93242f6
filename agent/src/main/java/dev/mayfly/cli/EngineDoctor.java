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
import dev.mayfly.policy.Identity;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.PullPolicy;
import dev.mayfly.sandbox.EngineObjection;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
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
      found.addAll(requirements(facts, ownEngine));
      if (ownEngine && facts.userNamespace()) {
        found.add(subordinateIds());
      }
      found.add(
          facts.cgroupDriver().equals("cgroupfs")
              ? ok("cgroup driver", facts.cgroupDriver())
              : weak(
                  "cgroup driver",
                  facts.cgroupDriver(),
                  "reports tell no resources, and a dead supervisor's groups are not looked at",
                  "start the engine with --exec-opt native.cgroupdriver=cgroupfs"));
      for (Policy policy : config.policies()) {
        found.addAll(asPlanned(facts, policy));
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

  /** What the planner requires of an engine, in its words. */
  static List<Diagnosis> requirements(EngineFacts facts, boolean userNamespaceRequired) {
    Map<EngineObjection.Subject, EngineObjection> objections =
        EngineObjection.to(facts, userNamespaceRequired).stream()
            .collect(Collectors.toMap(EngineObjection::subject, Function.identity()));
    return Stream.of(EngineObjection.Subject.values())
        .map(
            subject -> {
              EngineObjection objection = objections.get(subject);
              return objection == null
                  ? met(subject, facts)
                  : missing(row(subject), objection.reason(), REFUSED, objection.remedy());
            })
        .toList();
  }

  private static String row(EngineObjection.Subject subject) {
    return switch (subject) {
      case USER_NAMESPACE -> "user namespace";
      case SECCOMP -> "engine's seccomp";
      case STORAGE_DRIVER -> "storage driver";
    };
  }

  private static Diagnosis met(EngineObjection.Subject subject, EngineFacts facts) {
    return switch (subject) {
      case USER_NAMESPACE -> userNamespace(facts);
      case SECCOMP -> ok(row(subject), "applies profiles");
      case STORAGE_DRIVER -> ok(row(subject), facts.storageDriver());
    };
  }

  private static Diagnosis userNamespace(EngineFacts facts) {
    String row = row(EngineObjection.Subject.USER_NAMESPACE);
    return facts.userNamespace()
        ? ok(row, "in force: root of a sandbox is nobody on the host")
        : weak(
            row,
            "not in force",
            "jobs run as uid 1001 unless their policy says otherwise",
            facts.isPodman()
                ? "say engine: private"
                : "start it with --userns-remap, or say engine: private");
  }

  /** Where a policy's jobs run otherwise than it reads. */
  static List<Diagnosis> asPlanned(EngineFacts facts, Policy policy) {
    List<Diagnosis> found = new ArrayList<>();
    Identity identity = policy.identity().orElse(Identity.USER);
    if (!facts.userNamespace() && identity != Identity.USER) {
      found.add(
          weak(
              "identity of " + policy.name(),
              identity.word() + " without a user namespace",
              "root of a sandbox is the host's root behind its other confinement",
              "say identity: user, or use an engine with a user namespace"));
    }
    BigDecimal cpus = policy.limits().cpus();
    if (cpus.compareTo(BigDecimal.valueOf(facts.processors())) > 0) {
      found.add(
          weak(
              "cpus of " + policy.name(),
              cpus.stripTrailingZeros().toPlainString()
                  + ", of which there are "
                  + facts.processors(),
              "jobs get those that there are",
              "lower limits.cpus"));
    }
    return found;
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
