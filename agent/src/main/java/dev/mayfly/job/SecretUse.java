package dev.mayfly.job;

import java.util.List;

/**
 * The names of the secret variables that a CI server handed out for a job; never their values.
 *
 * @param given those that the job got
 * @param withheld those that its policy kept from it
 */
public record SecretUse(List<String> given, List<String> withheld) {
  public SecretUse {
    given = List.copyOf(given);
    withheld = List.copyOf(withheld);
  }
}
