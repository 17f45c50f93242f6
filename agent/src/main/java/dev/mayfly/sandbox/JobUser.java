package dev.mayfly.sandbox;

import java.util.List;

/**
 * Whom the job's commands run as, as the sandbox numbers it.
 *
 * @param home the value of {@code HOME}
 */
public record JobUser(String name, int uid, int gid, List<Integer> groups, String home) {
  /** The uid and gid of {@code identity: user}. */
  static final int UID = 1001;

  /** Where {@code identity: user} lives when the image knows no uid 1001. */
  static final String HOME = "/home/job";

  static final String NAME = "job";

  public JobUser {
    groups = List.copyOf(groups);
  }
}
