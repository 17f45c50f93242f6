package dev.mayfly.policy;

import java.util.Locale;

/** Whom the job's commands run as inside the sandbox. */
public enum Identity {
  /**
   * The user that the image names; root where it names none. Only where a user namespace is in
   * force.
   */
  IMAGE,
  /** uid and gid 1001, no capabilities. */
  USER,
  /** uid 0 of the sandbox with the few capabilities that builds need. */
  ROOT;

  /** The word for it in the configuration. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
