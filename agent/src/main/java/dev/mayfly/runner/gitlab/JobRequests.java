package dev.mayfly.runner.gitlab;

import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.PullPolicy;
import dev.mayfly.policy.Quote;
import dev.mayfly.supervisor.ServiceRequest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a supervisor is asked for, made of what GitLab said of a job. Everything here ends in a
 * place outside of the job's sandbox, such as a registry: nothing of it has what is withheld.
 * Methods throw {@link IllegalArgumentException}, with cause and remedy, where the job can't have
 * what it asks for.
 */
final class JobRequests {
  private static final String READY_PORT = "HEALTHCHECK_TCP_PORT";
  private static final int MOST_PORT = 65_535;

  private final JobResponse response;
  private final Policy policy;
  private final JobSecrets secrets;
  private final JobVariables variables;
  private final JobVariables allowed;

  JobRequests(JobResponse response, Policy policy, JobSecrets secrets) {
    this.response = response;
    this.policy = policy;
    this.secrets = secrets;
    secrets
        .objection()
        .ifPresent(
            why -> {
              throw new IllegalArgumentException(why);
            });
    JobVariables written = JobVariables.of(response);
    this.variables = written.expanded();
    this.allowed = written.without(secrets.withheld()).expanded();
  }

  /** The image that the job is to have in place of the policy's. */
  Optional<ImageReference> image() {
    return response.image().map(image -> reference("the image", image));
  }

  /** What may be done to have it, in turn. */
  List<PullPolicy> pulls() {
    return response.image().map(image -> pulls("the image", image)).orElse(List.of());
  }

  /** What the job has beside it. */
  List<ServiceRequest> services() {
    policy
        .objectionToServices(response.services().size())
        .ifPresent(
            why -> {
              throw new IllegalArgumentException(why);
            });
    return response.services().stream().map(this::service).toList();
  }

  private ServiceRequest service(JobResponse.Service service) {
    ImageReference image = reference("a service", service.image());
    service.command().ifPresent(words -> requireWords("a service", words));
    Optional<String> alias = service.alias().map(its -> expanded("the alias of a service", its));
    return new ServiceRequest(
        image,
        pulls("a service", service.image()),
        service.image().entrypoint(),
        service.command(),
        ServiceNames.of(image.toString(), alias),
        environment(service),
        port(service));
  }

  /** The port by which a job says that a service is ready. */
  private static Optional<Integer> port(JobResponse.Service service) {
    return service.variables().stream()
        .filter(variable -> variable.key().equals(READY_PORT))
        .reduce((_, last) -> last)
        .map(JobResponse.Variable::value)
        .filter(text -> !text.isBlank())
        .map(
            text -> {
              int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
              if (port < 1 || port > MOST_PORT) {
                throw noPort(service);
              }
              return port;
            });
  }

  private static IllegalArgumentException noPort(JobResponse.Service service) {
    return new IllegalArgumentException(
        READY_PORT
            + " of service "
            + service.image().name()
            + " must be a port of TCP, 1 to "
            + MOST_PORT);
  }

  private ImageReference reference(String of, JobResponse.Image image) {
    String name = expanded("the name of " + of, image.name());
    if (name.isBlank()) {
      throw new IllegalArgumentException(
          "the name of "
              + of
              + " has only variables that the job does not have: define them, or write the name out");
    }
    image.entrypoint().ifPresent(words -> requireWords(of, words));
    image
        .platform()
        .map(its -> expanded("the platform of " + of, its))
        .ifPresent(its -> requirePlatform(of, its));
    image
        .user()
        .map(its -> expanded("the user of " + of, its))
        .filter(its -> !its.isBlank())
        .ifPresent(its -> refuseUser(of, its));
    return ImageReference.parse(name);
  }

  private static void requirePlatform(String of, String platform) {
    if (!HostPlatform.OWN.matches(platform)) {
      throw new IllegalArgumentException(
          "docker.platform "
              + Quote.of(platform)
              + " of "
              + of
              + " is not this host's, "
              + HostPlatform.OWN
              + ": leave it out, or give the job the tags of a runner that is such a host");
    }
  }

  private static void refuseUser(String of, String user) {
    throw new IllegalArgumentException(
        "docker.user "
            + Quote.of(user)
            + " of "
            + of
            + " can't be had: whom commands run as is the policy's to say (identity); leave it out, or"
            + " name an image that has this user");
  }

  private static List<PullPolicy> pulls(String of, JobResponse.Image image) {
    return image.pulls().stream().map(word -> pull(of, word)).distinct().toList();
  }

  private static PullPolicy pull(String of, String word) {
    return switch (word) {
      case "always" -> PullPolicy.ALWAYS;
      case "if-not-present" -> PullPolicy.MISSING;
      case "never" -> PullPolicy.NEVER;
      default ->
          throw new IllegalArgumentException(
              "pull_policy of " + of + " must be always, if-not-present or never");
    };
  }

  /** A text with the variables that it names; none of these may be one that is withheld. */
  private String expanded(String what, String written) {
    String text = variables.expand(written);
    if (!text.equals(allowed.expand(written)) || secrets.isIn(text)) {
      throw withheld(what);
    }
    return text;
  }

  private void requireWords(String of, List<String> words) {
    if (words.stream().anyMatch(secrets::isIn)) {
      throw withheld("the entrypoint or command of " + of);
    }
  }

  private IllegalArgumentException withheld(String what) {
    return new IllegalArgumentException(
        secrets.withholds()
            + ", and "
            + what
            + " has a value of these, which others would learn: write it without, or add the variable"
            + " to secrets.allow");
  }

  /**
   * The variables that everybody may see, and the service's own, as with GitLab's docker executor.
   * There are no files of the job's.
   */
  private List<byte[]> environment(JobResponse.Service service) {
    Map<String, String> its = new LinkedHashMap<>();
    for (JobResponse.Variable variable : allowed.visibleAnd(service.variables()).expanded().all()) {
      if (variable.file()) {
        its.remove(variable.key());
      } else {
        its.put(variable.key(), variable.value());
      }
    }
    return secrets.allowed(its).entrySet().stream()
        .map(entry -> JobResponse.bytes(entry.getKey() + "=" + entry.getValue()))
        .toList();
  }
}
