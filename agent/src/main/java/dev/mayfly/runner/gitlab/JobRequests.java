package dev.mayfly.runner.gitlab;

import dev.mayfly.policy.ImageReference;
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
  private final JobResponse response;
  private final JobSecrets secrets;
  private final JobVariables variables;
  private final JobVariables allowed;

  JobRequests(JobResponse response, JobSecrets secrets) {
    this.response = response;
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

  /** What the job has beside it. */
  List<ServiceRequest> services() {
    return response.services().stream().map(this::service).toList();
  }

  private ServiceRequest service(JobResponse.Service service) {
    ImageReference image = reference("a service", service.image());
    service.command().ifPresent(words -> requireWords("a service", words));
    Optional<String> alias = service.alias().map(its -> expanded("the alias of a service", its));
    return new ServiceRequest(
        image,
        service.image().entrypoint(),
        service.command(),
        ServiceNames.of(image.toString(), alias),
        environment(service));
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
    return ImageReference.parse(name);
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
    for (JobResponse.Variable variable :
        allowed.visibleAnd(service.variables()).expanded().all()) {
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
