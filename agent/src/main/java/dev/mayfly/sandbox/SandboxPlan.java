package dev.mayfly.sandbox;

import dev.mayfly.engine.ContainerSpec;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.policy.Identity;
import dev.mayfly.policy.Policy;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Everything that is to be done for one sandbox; nothing is decided after this.
 *
 * @param home the sandbox's directory on the host
 * @param resolver whom it asks for names; empty where it has no network
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
    Optional<InetAddress> resolver) {

  /** Where the job's files are, inside. */
  public static final String WORKSPACE = "/workspace";
}
