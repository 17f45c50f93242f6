package dev.mayfly.job;

import java.util.regex.Pattern;

/** The CI server's own id of a job, safe to put in a log line and a file name. */
public record JobId(String value) {
  private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");

  public JobId {
    if (!SAFE.matcher(value).matches()) {
      throw new IllegalArgumentException("not a job id: \"" + value + "\"");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
