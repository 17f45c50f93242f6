package dev.mayfly.policy;

import java.util.List;
import java.util.Optional;

/**
 * Which of the secret variables that a CI server hands out a job may have.
 *
 * @param allow patterns of their names; empty: every one
 */
public record SecretScope(Optional<List<Glob>> allow) {
  /** What is in force where the configuration says nothing. */
  public static final SecretScope EVERYTHING = new SecretScope(Optional.empty());

  public SecretScope {
    allow = allow.map(List::copyOf);
  }

  /** Whether a job may have the variable of a name. */
  public boolean allows(String name) {
    return allow
        .map(patterns -> patterns.stream().anyMatch(pattern -> pattern.matches(name)))
        .orElse(true);
  }
}
