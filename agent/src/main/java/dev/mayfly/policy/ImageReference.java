package dev.mayfly.policy;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of an image, as the OCI distribution specification and engines write it.
 *
 * @param name repository, with its registry where one is named
 * @param tag where there is neither tag nor digest, engines take {@code latest}
 * @param digest {@code sha256:} and 64 hexadecimal digits
 */
public record ImageReference(String name, Optional<String> tag, Optional<String> digest) {
  private static final String COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final String DOMAIN =
      "(?:[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?|\\[[0-9a-fA-F:]+\\])(?::[0-9]+)?";

  /** {@code name[:tag][@sha256:digest]}. */
  public static final String PATTERN =
      "((?:"
          + DOMAIN
          + "/)?"
          + COMPONENT
          + "(?:/"
          + COMPONENT
          + ")*)"
          + "(?::([A-Za-z0-9_][A-Za-z0-9_.-]{0,127}))?(?:@(sha256:[a-f0-9]{64}))?";

  private static final Pattern TEXT = Pattern.compile(PATTERN);
  private static final int MAX_LENGTH = 512;

  /**
   * Reads {@code name[:tag][@sha256:digest]}.
   *
   * @throws IllegalArgumentException where the text is not an image name
   */
  public static ImageReference parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (text.length() > MAX_LENGTH || !matcher.matches()) {
      throw new IllegalArgumentException(
          Quote.of(text)
              + " is not an image name: write name, name:tag or name@sha256:…, in lower case");
    }
    return new ImageReference(
        matcher.group(1),
        Optional.ofNullable(matcher.group(2)),
        Optional.ofNullable(matcher.group(3)));
  }

  /** Whether the name can only ever mean one content. */
  public boolean pinned() {
    return digest.isPresent();
  }

  /** What the name means where it has neither tag nor digest: the tag {@code latest}. */
  public ImageReference withDefaultTag() {
    return tag.isPresent() || digest.isPresent()
        ? this
        : new ImageReference(name, Optional.of("latest"), digest);
  }

  /**
   * The registry that it is in: the first part of a name with several, where that has a dot, a
   * colon, an upper-case letter or is {@code localhost}; else {@code docker.io}, as engines have
   * it.
   */
  public String registry() {
    int slash = name.indexOf('/');
    String first = slash < 0 ? "" : name.substring(0, slash);
    return first.indexOf('.') >= 0
            || first.indexOf(':') >= 0
            || first.equals("localhost")
            || !first.equals(first.toLowerCase(Locale.ROOT))
        ? first
        : "docker.io";
  }

  /**
   * The one name of a repository that has several: {@code tool} and {@code index.docker.io/tool}
   * are {@code docker.io/library/tool} to engines.
   */
  public String fullName() {
    String registry = registry();
    String path = name.startsWith(registry + "/") ? name.substring(registry.length() + 1) : name;
    if (!registry.equals("docker.io") && !registry.equals("index.docker.io")) {
      return name;
    }
    return "docker.io/" + (path.indexOf('/') < 0 ? "library/" : "") + path;
  }

  @Override
  public String toString() {
    return name + tag.map(t -> ":" + t).orElse("") + digest.map(d -> "@" + d).orElse("");
  }
}
