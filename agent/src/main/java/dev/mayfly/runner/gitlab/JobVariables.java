package dev.mayfly.runner.gitlab;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The variables of a job, and what gitlab-runner makes of references to them: {@code ExpandValue}
 * and {@code Expand} of its {@code common/spec}. Its text has no values.
 */
final class JobVariables {
  /** Where variables of type file are, in this variable of gitlab-runner's own. */
  private static final String FILES = "RUNNER_TEMP_PROJECT_DIR";

  private static final String SPECIAL = "*#$@!?-0123456789";

  /** References can make texts grow; a hook is told of no more than this in all. */
  private static final int LONGEST = 8 << 20;

  private final List<JobResponse.Variable> all;
  private final Map<String, JobResponse.Variable> byKey = new HashMap<>();

  /**
   * @param all of a name that is there several times, the last counts
   */
  JobVariables(List<JobResponse.Variable> all) {
    this.all = List.copyOf(all);
    all.forEach(variable -> byKey.put(variable.key(), variable));
  }

  List<JobResponse.Variable> all() {
    return all;
  }

  /** A variable that gitlab-runner itself adds. */
  private static JobResponse.Variable internal(String key, String value) {
    return new JobResponse.Variable(key, value, true, false, false, false);
  }

  /**
   * What the runner has for a job whose directories are Mayfly's: some of its own, which the job's
   * come over, the job's, and those that come over these.
   */
  static JobVariables of(JobResponse response) {
    String directory =
        RunnerToml.BUILDS + response.job().project().map(project -> "/" + project).orElse("");
    List<JobResponse.Variable> all = new ArrayList<>();
    response.image().ifPresent(image -> all.add(internal("CI_JOB_IMAGE", image.name())));
    all.add(internal("CI_BUILDS_DIR", RunnerToml.BUILDS));
    all.add(internal("CI_PROJECT_DIR", directory));
    all.add(internal("CI_SERVER", "yes"));
    all.addAll(response.variables());
    all.add(internal("CI_SHARED_ENVIRONMENT", "true"));
    all.add(internal(FILES, directory + ".tmp"));
    return new JobVariables(all);
  }

  /** The same, where those of some names have no value. */
  JobVariables without(Set<String> names) {
    return new JobVariables(
        all.stream()
            .map(variable -> names.contains(variable.key()) ? variable.with("") : variable)
            .toList());
  }

  /** Those that everybody may see, with others behind them. */
  JobVariables visibleAnd(Collection<JobResponse.Variable> more) {
    List<JobResponse.Variable> its = new ArrayList<>();
    all.stream().filter(JobResponse.Variable::isPublic).forEach(its::add);
    its.addAll(more);
    return new JobVariables(its);
  }

  /**
   * All of them, with the references in their values replaced once.
   *
   * @throws IllegalArgumentException where that makes too much of them
   */
  JobVariables expanded() {
    List<JobResponse.Variable> its = new ArrayList<>();
    long length = 0;
    for (JobResponse.Variable variable : all) {
      JobResponse.Variable one =
          variable.raw() ? variable : variable.with(expand(variable.value()));
      length += one.value().length() - variable.value().length();
      requireLength(length);
      its.add(one);
    }
    return new JobVariables(its);
  }

  /**
   * A text with its references replaced: {@code $NAME}, <code>${NAME}</code>, and {@code $$} for
   * {@code $}. Of a file, the path is taken.
   *
   * @throws IllegalArgumentException where that makes too much of it
   */
  String expand(String text) {
    StringBuilder out = new StringBuilder(text.length());
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      at++;
      if (c == '$' && at < text.length()) {
        Reference reference = Reference.at(text, at);
        out.append(reference.length() == 0 ? "$" : value(reference.name()));
        at += reference.length();
        requireLength(out.length() - (long) text.length());
      } else {
        out.append(c);
      }
    }
    return out.toString();
  }

  private static void requireLength(long more) {
    if (more > LONGEST) {
      throw new IllegalArgumentException(
          "the job's variables grow by more than "
              + (LONGEST >> 20)
              + " MiB where they refer to each other: have them refer to less");
    }
  }

  private String value(String name) {
    if (name.length() == 1 && SPECIAL.contains(name)) {
      return name.equals("$") ? name : "";
    }
    return last(name)
        .map(variable -> variable.file() ? path(variable.key()) : variable.value())
        .orElse("");
  }

  private String path(String key) {
    return last(FILES).map(JobResponse.Variable::value).orElse("") + "/" + key;
  }

  private Optional<JobResponse.Variable> last(String key) {
    return Optional.ofNullable(byKey.get(key));
  }

  /**
   * What is behind a {@code $}, as Go's {@code os.Expand} reads it.
   *
   * @param name empty: of nothing
   * @param length of what is replaced; 0: the {@code $} stays
   */
  private record Reference(String name, int length) {
    static Reference at(String text, int from) {
      char first = text.charAt(from);
      if (first == '{') {
        return braced(text, from + 1);
      }
      if (SPECIAL.indexOf(first) >= 0) {
        return new Reference(text.substring(from, from + 1), 1);
      }
      int end = from;
      while (end < text.length() && isPartOfName(text.charAt(end))) {
        end++;
      }
      return new Reference(text.substring(from, end), end - from);
    }

    private static Reference braced(String text, int from) {
      int end = text.indexOf('}', from);
      return end < 0
          ? new Reference("", 1)
          : new Reference(text.substring(from, end), end - from + 2);
    }

    private static boolean isPartOfName(char c) {
      return c == '_' || (c < 0x80 && Character.isLetterOrDigit(c));
    }
  }

  @Override
  public String toString() {
    return "JobVariables" + all;
  }
}
