package dev.mayfly.job;

import java.util.Locale;
import java.util.Optional;

/**
 * What broke the policy or matched a detection.
 *
 * @param rule id of the rule, stable across releases
 * @param technique MITRE ATT&amp;CK technique id such as {@code T1195.002}, where one fits
 * @param process who did it, for a person: the process chain inside the sandbox
 * @param target what it was done to
 * @param remedy what to change, and where, if this was meant to be allowed
 * @param count how often it was seen
 */
public record Finding(
    String rule,
    Severity severity,
    Optional<String> technique,
    Reaction reaction,
    String process,
    String target,
    String remedy,
    long count) {

  /** What findings are about, as far as a policy tells one from the other. */
  public enum Category {
    /** Attempts to reach what the policy does not allow. */
    EGRESS,
    /** Writes to where programs are started from later. */
    PERSISTENCE,
    /** Processes that try to live longer than the job. */
    OUTLIVE,
    /** Reads of secrets that are kept in files, and secrets on command lines. */
    CREDENTIALS,
    /** Looks into other processes: their memory, environment, descriptors. */
    MEMORY,
    /** Attempts to get out of the sandbox. */
    ESCAPE,
    /** Programs that run from where, or are started how, no build does it. */
    EXECUTION,
    /** Changes of sources, tools or what was built. */
    TAMPERING,
    /** Attempts to hide, or to blind who watches. */
    EVASION,
    /** Programs that attackers bring along. */
    TOOLS;

    /** The word for it in the configuration. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How bad a finding is. */
  public enum Severity {
    INFO,
    LOW,
    MEDIUM,
    HIGH,
    CRITICAL;

    /** The word for it in reports. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What a finding caused. */
  public enum Reaction {
    AUDIT,
    BLOCK,
    KILL;

    /** The word for it in reports. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }
}
