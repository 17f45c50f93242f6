package dev.mayfly.sandbox;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of one sandbox, which everything made for it carries. It begins with the id of the
 * supervisor that made it, so that whoever finds a thing knows whose it is.
 */
public record SandboxId(String value) {
  /** The label on everything an engine holds for a sandbox. */
  public static final String LABEL = "dev.mayfly.sandbox";

  private static final String FORM = "([a-z2-7]{8})-([0-9]{1,9})";
  private static final Pattern PATTERN = Pattern.compile(FORM);
  private static final Pattern WITHIN =
      Pattern.compile("(?<![A-Za-z0-9])" + FORM + "(?![A-Za-z0-9])");

  public SandboxId {
    if (!PATTERN.matcher(value).matches()) {
      throw new IllegalArgumentException("not a sandbox id: \"" + value + "\"");
    }
  }

  public static SandboxId of(String supervisor, int number) {
    return new SandboxId(supervisor + "-" + number);
  }

  /** The id of the supervisor that made it. */
  public String supervisor() {
    return value.substring(0, 8);
  }

  public static Optional<SandboxId> parse(String text) {
    return PATTERN.matcher(text).matches() ? Optional.of(new SandboxId(text)) : Optional.empty();
  }

  /** The id within a longer name, such as a path. */
  public static Optional<SandboxId> find(String text) {
    Matcher matcher = WITHIN.matcher(text);
    return matcher.find() ? Optional.of(new SandboxId(matcher.group())) : Optional.empty();
  }

  @Override
  public String toString() {
    return value;
  }
}
