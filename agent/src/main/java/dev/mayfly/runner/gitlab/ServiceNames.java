package dev.mayfly.runner.gitlab;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The host names that a job knows a service by, as GitLab documents them for its own executors. */
final class ServiceNames {
  private ServiceNames() {}

  /**
   * The names.
   *
   * @param image without tag, digest and the registry's port its slashes become {@code __} in one
   *     name and {@code -} in another
   * @param alias that the job gives it: several are separated by spaces or commas
   */
  static List<String> of(String image, Optional<String> alias) {
    String name =
        image
            .replaceFirst("@.*$", "")
            .replaceFirst(":[^/]*$", "")
            .replaceFirst("^([^/]*):[0-9]+/", "$1/");
    List<String> names = new ArrayList<>();
    alias.ifPresent(its -> names.addAll(List.of(its.strip().split("[\\s,]+"))));
    names.add(name.replace("/", "__"));
    names.add(name.replace("/", "-"));
    return names.stream().filter(one -> one.matches("[A-Za-z0-9_.-]{1,253}")).distinct().toList();
  }
}
