package dev.mayfly.sandbox;

import dev.mayfly.engine.ContainerSpec;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.policy.Identity;
import dev.mayfly.policy.Policy;
import java.nio.file.Path;

/**
 * Everything that is to be done for one sandbox; nothing is decided after this.
 *
 * @param home the sandbox's directory on the host
 * @param userNamespace whether the sandbox's root must be somebody else on the host
 */
public record SandboxPlan(
    SandboxId id,
    Policy policy,
    Identity identity,
    ImageFacts image,
    boolean userNamespace,
    ContainerSpec container,
    Path home) {

  /** Where the job's files are, inside. */
  public static final String WORKSPACE = "/workspace";
}
