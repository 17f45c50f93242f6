package dev.mayfly.runner.gitlab;

import dev.mayfly.job.Finding;
import dev.mayfly.job.Printable;
import dev.mayfly.job.SecretUse;
import dev.mayfly.policy.Policy;
import dev.mayfly.supervisor.JobStreams;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The secret variables of a job: those that GitLab does not call public and that have a value. Its
 * text has no values.
 */
final class JobSecrets {
  /** What a job can't do without. */
  private static final Set<String> NEEDED =
      Set.of("CI_JOB_TOKEN", "CI_BUILD_TOKEN", "CI_REPOSITORY_URL");

  /** The job's token under other names, unless somebody defined them otherwise. */
  private static final Set<String> OF_TOKEN =
      Set.of(
          "CI_REGISTRY_USER",
          "CI_REGISTRY_PASSWORD",
          "CI_DEPENDENCY_PROXY_USER",
          "CI_DEPENDENCY_PROXY_PASSWORD");

  private static final String USER_OF_TOKEN = "gitlab-ci-token";

  /** More names than these are counted nowhere. */
  private static final int MOST_NAMES = 500;

  private final Policy policy;
  private final JobResponse response;
  private final Set<String> given = new TreeSet<>();
  private final Map<String, List<String>> withheld = new TreeMap<>();
  private final Set<String> notAllowed = new TreeSet<>();
  private final Set<String> unknown = new TreeSet<>();
  private final IdTokens.Seen tokens;
  private final List<String> trouble = new ArrayList<>();
  private final ScriptScope scope;

  /**
   * Looks at what GitLab handed out.
   *
   * @param now for the expiry of ID tokens
   */
  JobSecrets(JobResponse response, Policy policy, Instant now) {
    this.policy = policy;
    this.response = response;
    List<JobResponse.Variable> secret =
        response.variables().stream().filter(this::isSecret).toList();
    this.tokens = IdTokens.look(response.job(), secret, policy, keys(), now);
    for (JobResponse.Variable variable : secret) {
      String name = variable.key();
      boolean allowed = policy.secrets().allows(name);
      if (allowed && !tokens.refused().contains(name)) {
        given.add(name);
      } else {
        withheld.computeIfAbsent(name, _ -> new ArrayList<>()).add(variable.value());
      }
      if (!allowed) {
        notAllowed.add(name);
      }
    }
    response.unknownSecrets().stream()
        .filter(name -> !policy.secrets().allows(name))
        .forEach(
            name -> {
              withheld.computeIfAbsent(name, _ -> new ArrayList<>());
              notAllowed.add(name);
              unknown.add(name);
            });
    given.removeAll(withheld.keySet());
    this.scope =
        new ScriptScope(
            withheld.entrySet().stream()
                .map(entry -> new ScriptScope.Secret(entry.getKey(), entry.getValue()))
                .toList(),
            response.kept());
  }

  private boolean isSecret(JobResponse.Variable variable) {
    return !variable.isPublic() && !variable.value().isEmpty() && !isNeeded(variable);
  }

  private boolean isNeeded(JobResponse.Variable variable) {
    return NEEDED.contains(variable.key())
        || (OF_TOKEN.contains(variable.key())
            && (variable.value().equals(USER_OF_TOKEN)
                || response.token().equals(Optional.of(variable.value()))));
  }

  private Optional<Jwks> keys() {
    try {
      return policy.idTokens().jwksFile().isPresent()
          ? Optional.of(Jwks.read(policy.idTokens().jwksFile().get()))
          : Optional.empty();
    } catch (IOException e) {
      trouble.add(String.valueOf(e.getMessage()));
      return Optional.empty();
    }
  }

  /** The names of them, for the report. */
  SecretUse use() {
    return new SecretUse(names(given), names(withheld.keySet()));
  }

  private static List<String> names(Collection<String> all) {
    return all.stream().limit(MOST_NAMES).toList();
  }

  /** What there is to be said of them. */
  List<Finding> findings() {
    List<Finding> all = new ArrayList<>(tokens.findings());
    names(notAllowed)
        .forEach(
            name ->
                all.add(
                    new Finding(
                        "secrets.withheld",
                        Finding.Severity.LOW,
                        Optional.empty(),
                        Finding.Reaction.BLOCK,
                        "gitlab",
                        Printable.escaped(name),
                        "to give it to such jobs, add \""
                            + Printable.escaped(name)
                            + "\" to secrets.allow of policy "
                            + policy.name(),
                        1)));
    return all;
  }

  /** Lines for the job's log. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    if (!notAllowed.isEmpty()) {
      lines.add(
          "withheld by policy " + policy.name() + ": " + listed(notAllowed) + " (secrets.allow)");
    }
    if (!tokens.refused().isEmpty()) {
      lines.add(
          "withheld by policy "
              + policy.name()
              + ", as no key verifies them: "
              + listed(new TreeSet<>(tokens.refused()))
              + " (id-tokens.jwks-file)");
      lines.addAll(trouble);
    }
    return lines;
  }

  private static String listed(Collection<String> all) {
    return Printable.escaped(String.join(", ", all));
  }

  /**
   * The same streams, with a script that has nothing of what is withheld.
   *
   * @throws IOException with the reason, where that can't be told of the script
   */
  JobStreams scoped(JobStreams streams) throws IOException {
    if (withheld.isEmpty()) {
      return streams;
    }
    return switch (scope.scope(streams.stdin().readAllBytes())) {
      case ScriptScope.Scoped.Script script ->
          new JobStreams(
              new ByteArrayInputStream(script.bytes()),
              streams.stdout(),
              streams.stderr(),
              streams.messages());
      case ScriptScope.Scoped.Unclear unclear ->
          throw new IOException(
              withholds() + ", but they can't be taken out of the script: " + unclear.reason());
    };
  }

  /** Why the job can't be kept from them, for a person; empty where it can. */
  Optional<String> objection() {
    if (!unknown.isEmpty()) {
      return Optional.of(
          withholds()
              + ", but they can't be taken out of the job's scripts: gitlab-runner does not tell what"
              + " it got for "
              + listed(unknown)
              + " in secrets; take that out of the job's secrets, or add it to secrets.allow");
    }
    return response.kept().commands().stream().anyMatch(scope::isInCommand)
        ? Optional.of(
            withholds()
                + ", but a command of the job has a value of these, which GitLab put there (inputs,"
                + " expand_vars) or which is in the repository: write it without, or add the variable"
                + " to secrets.allow")
        : Optional.empty();
  }

  /** The names of those that the job does not get. */
  Set<String> withheld() {
    return withheld.keySet();
  }

  /** The beginning of a message that says so. */
  String withholds() {
    return "policy " + policy.name() + " withholds " + listed(withheld.keySet());
  }

  /** Whether a text has a value that is withheld, unless that is too short to tell. */
  boolean isIn(String text) {
    return scope.isIn(text);
  }

  /**
   * Variables that something beside the script is to get, such as a service: the allowed of them.
   */
  Map<String, String> allowed(Map<String, String> variables) {
    Map<String, String> rest = new LinkedHashMap<>();
    variables.forEach(
        (name, value) -> {
          if (!withheld.containsKey(name)) {
            rest.put(name, scope.without(value));
          }
        });
    return rest;
  }

  /** The value of a variable such as {@code DOCKER_AUTH_CONFIG}, where the job may have it. */
  Optional<String> allowed(String name) {
    return withheld.containsKey(name)
        ? Optional.empty()
        : response.variable(name).map(scope::without);
  }

  @Override
  public String toString() {
    return "JobSecrets[" + given + ", withheld " + withheld.keySet() + "]";
  }
}
