package dev.mayfly.sandbox;

import dev.mayfly.engine.ContainerId;
import dev.mayfly.engine.ContainerSpec;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.policy.Identity;
import dev.mayfly.policy.Policy;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Everything that is to be done for one sandbox; nothing is decided after this.
 *
 * @param home the sandbox's directory on the host
 * @param resolver whom it asks for names; empty where it has no network
 * @param aliases further names of its own loopback, where its services listen
 * @param joined whose network it is in; empty: it has one of its own
 * @param userNamespace whether the sandbox's root must be somebody else on the host
 */
public record SandboxPlan(
    SandboxId id,
    Policy policy,
    Identity identity,
    ImageFacts image,
    boolean userNamespace,
    ContainerSpec container,
    Path home,
    Optional<InetAddress> resolver,
    List<String> aliases,
    Optional<Joined> joined) {
  public SandboxPlan {
    aliases = List.copyOf(aliases);
  }

  /**
   * A sandbox that runs, whose network another one is in.
   *
   * @param pid of its PID 1
   */
  public record Joined(ContainerId container, long pid) {}

  /** Where the job's files are, inside. */
  public static final String WORKSPACE = "/workspace";
}
