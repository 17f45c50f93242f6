package dev.mayfly.policy;

import dev.mayfly.job.Finding;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a job may do.
 *
 * @param image the sandbox's image where the job names none
 * @param requireDigest whether only images named by digest are accepted
 * @param pull what to do about an image that the engine does not hold
 * @param identity empty: {@link Identity#IMAGE} where the engine has a user namespace in force,
 *     else {@link Identity#USER}
 * @param readOnlyRoot whether the root file system is read-only; workspace, {@code /tmp}, {@code
 *     /run} and the homes of root and of {@link Identity#USER} stay writable
 * @param seccompKnobs groups of system calls given back
 * @param egress what the sandbox may reach
 * @param monitor whether it is watched; empty: {@link MonitorMode#REQUIRED} where the host's kernel
 *     lets BPF programs watch, else {@link MonitorMode#BEST}
 * @param match which jobs it is for
 * @param images which ones jobs may name
 * @param secrets which of the CI server's secret variables it gives jobs
 * @param idTokens what the ID tokens among those must be like
 */
public record Policy(
    String name,
    ImageReference image,
    boolean requireDigest,
    PullPolicy pull,
    Optional<Identity> identity,
    boolean readOnlyRoot,
    Set<SeccompKnob> seccompKnobs,
    Limits limits,
    EgressPolicy egress,
    Optional<MonitorMode> monitor,
    PolicyMatch match,
    Reactions onFinding,
    SecretScope secrets,
    IdTokenPolicy idTokens,
    ImageScope images) {

  public static final String DEFAULT_NAME = "default";
  public static final String NAME_PATTERN = "[a-z0-9][a-z0-9_.-]{0,62}";
  public static final ImageReference DEFAULT_IMAGE = ImageReference.parse("mayfly-base");

  /** What mounts something else over a file, and what opens one without a system call for it. */
  private static final List<SeccompKnob> AROUND_CLOSED_FILES =
      List.of(SeccompKnob.ALLOW_USERNS, SeccompKnob.ALLOW_IO_URING);

  /** What is in force where the configuration says nothing. */
  public static final Policy DEFAULT =
      new Policy(
          DEFAULT_NAME,
          DEFAULT_IMAGE,
          false,
          PullPolicy.MISSING,
          Optional.empty(),
          false,
          Set.of(),
          Limits.DEFAULT,
          EgressPolicy.DEFAULT,
          Optional.empty(),
          PolicyMatch.NONE,
          Reactions.DEFAULT);

  /** A policy that gives jobs every secret variable. */
  public Policy(
      String name,
      ImageReference image,
      boolean requireDigest,
      PullPolicy pull,
      Optional<Identity> identity,
      boolean readOnlyRoot,
      Set<SeccompKnob> seccompKnobs,
      Limits limits,
      EgressPolicy egress,
      Optional<MonitorMode> monitor,
      PolicyMatch match,
      Reactions onFinding) {
    this(
        name,
        image,
        requireDigest,
        pull,
        identity,
        readOnlyRoot,
        seccompKnobs,
        limits,
        egress,
        monitor,
        match,
        onFinding,
        SecretScope.EVERYTHING,
        IdTokenPolicy.DEFAULT,
        ImageScope.EVERY);
  }

  public Policy {
    requireName(name);
    if (requireDigest && !image.pinned()) {
      throw new IllegalArgumentException(
          "require-digest is set, but image "
              + image
              + " names no digest: write "
              + image.name()
              + "@sha256:…");
    }
    if (monitor.equals(Optional.of(MonitorMode.OFF)) && onFinding.needsMonitor()) {
      throw new IllegalArgumentException(
          "monitor: off sees nothing that on-finding could react to: leave out one of the two");
    }
    seccompKnobs = Set.copyOf(seccompKnobs);
    for (SeccompKnob knob : AROUND_CLOSED_FILES) {
      if (seccompKnobs.contains(knob) && onFinding.closesFiles()) {
        throw new IllegalArgumentException(
            "seccomp."
                + knob.word()
                + " gives a job ways around the files that on-finding has closed with block or kill of"
                + " credentials or persistence: leave out one of the two");
      }
    }
  }

  /**
   * Why the policy does not accept an image, for a person; empty where it does. Its own is always
   * one of those that may be named.
   */
  public Optional<String> objectionTo(ImageReference other) {
    return images.allows(other) || other.equals(image)
        ? withoutDigest(other)
        : Optional.of(notAmong(other, "images.allow"));
  }

  /** The same for a service's image. */
  public Optional<String> objectionToService(ImageReference other) {
    return images.allowsAsService(other)
        ? withoutDigest(other)
        : Optional.of(notAmong(other, "images.services"));
  }

  /** Why a job can't have as many services, for a person; empty where it can. */
  public Optional<String> objectionToServices(int asked) {
    return asked <= limits.services()
        ? Optional.empty()
        : Optional.of(
            "the job names "
                + asked
                + " services, and policy "
                + name
                + " gives it "
                + limits.services()
                + " at most; raise limits.services, or name fewer");
  }

  private String notAmong(ImageReference other, String key) {
    return "policy "
        + name
        + " does not accept image "
        + other
        + "; to accept it, add \""
        + other
        + "\" to "
        + key;
  }

  private Optional<String> withoutDigest(ImageReference other) {
    return requireDigest && !other.pinned()
        ? Optional.of(
            "policy "
                + name
                + " requires images named by digest, and "
                + other
                + " is not; name it as "
                + other.name()
                + "@sha256:…")
        : Optional.empty();
  }

  /**
   * The name, where it is one that a policy can have.
   *
   * @throws IllegalArgumentException where it is not
   */
  public static String requireName(String name) {
    if (!name.matches(NAME_PATTERN)) {
      throw new IllegalArgumentException(
          Quote.of(name)
              + " is not a policy name: use lower-case letters, digits, '.', '_' and '-', at most 63,"
              + " a letter or digit first");
    }
    return name;
  }

  /** The same policy with another image, which it must not object to. */
  public Policy withImage(ImageReference other) {
    return new Policy(
        name,
        other,
        requireDigest,
        pull,
        identity,
        readOnlyRoot,
        seccompKnobs,
        limits,
        egress,
        monitor,
        match,
        onFinding,
        secrets,
        idTokens,
        images);
  }

  /** What a refusal on the way out causes; where nothing is said, no more than that. */
  public Finding.Reaction reactionToEgress() {
    return onFinding.to(Finding.Category.EGRESS).orElse(Finding.Reaction.BLOCK);
  }

  /** Whether its sandboxes are not watched at all. */
  public boolean unwatched() {
    return monitor.equals(Optional.of(MonitorMode.OFF));
  }

  /**
   * The way out as it is put in force. Where findings are only to be recorded, what the policy does
   * not allow is let through, but for the refused ranges.
   */
  public EgressPolicy egressInForce() {
    return egress.mode() != EgressMode.NONE && reactionToEgress() == Finding.Reaction.AUDIT
        ? new EgressPolicy(
            EgressMode.AUDIT, egress.allow(), egress.refusedRanges(), false, egress.refusedNames())
        : egress;
  }

  /** The same policy with another way to have images. */
  public Policy withPull(PullPolicy other) {
    return new Policy(
        name,
        image,
        requireDigest,
        other,
        identity,
        readOnlyRoot,
        seccompKnobs,
        limits,
        egress,
        monitor,
        match,
        onFinding,
        secrets,
        idTokens,
        images);
  }

  /** The same policy with another way out. */
  public Policy withEgress(EgressPolicy other) {
    return new Policy(
        name,
        image,
        requireDigest,
        pull,
        identity,
        readOnlyRoot,
        seccompKnobs,
        limits,
        other,
        monitor,
        match,
        onFinding,
        secrets,
        idTokens,
        images);
  }
}
