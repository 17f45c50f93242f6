package dev.mayfly.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What was found out about one thing that Mayfly builds on.
 *
 * @param level what follows for jobs
 * @param subject what was looked at
 * @param found what there is
 * @param consequence what is weaker, or refused, for it; absent where all is well
 * @param fix what to do about it; absent where all is well
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record Diagnosis(
    Level level, String subject, String found, @Nullable String consequence, @Nullable String fix) {

  /** What follows for jobs. */
  enum Level {
    /** As it should be. */
    OK,
    /** Jobs run, less well protected or less certainly. */
    WEAK,
    /** Jobs are refused. */
    MISSING;

    @JsonValue
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  static Diagnosis ok(String subject, String found) {
    return new Diagnosis(Level.OK, subject, found, null, null);
  }

  static Diagnosis weak(String subject, String found, String consequence, String fix) {
    return new Diagnosis(Level.WEAK, subject, found, consequence, fix);
  }

  static Diagnosis missing(String subject, String found, String consequence, String fix) {
    return new Diagnosis(Level.MISSING, subject, found, consequence, fix);
  }
}
