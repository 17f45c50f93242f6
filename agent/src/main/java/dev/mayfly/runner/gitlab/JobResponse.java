package dev.mayfly.runner.gitlab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mayfly.engine.RegistryLogin;
import dev.mayfly.job.Job;
import dev.mayfly.job.JobId;
import dev.mayfly.job.Redaction;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What GitLab said of a job ({@code JOB_RESPONSE_FILE}: {@code spec.Job} of gitlab-runner). Fields
 * that an older runner does not pass on are absent, and what is absent is nobody's guess. Its text
 * has no values of variables.
 *
 * @param image that the job asks for
 * @param variables those that GitLab has itself, and behind them the secrets that the runner got
 *     from where GitLab told it to ({@code secrets} of a job)
 * @param unknownSecrets names of those among the latter whose values it does not tell
 * @param cloneUrl of its repository, without user and password
 * @param token of the job
 * @param kept what its scripts have to hold, whatever it is
 */
record JobResponse(
    Job job,
    Optional<Image> image,
    List<Service> services,
    List<Variable> variables,
    List<String> unknownSecrets,
    List<RegistryLogin> logins,
    Optional<URI> cloneUrl,
    Optional<String> token,
    ScriptScope.Kept kept) {
  private static final ObjectMapper JSON = JsonMapper.builder().build();

  JobResponse {
    services = List.copyOf(services);
    variables = List.copyOf(variables);
    unknownSecrets = List.copyOf(unknownSecrets);
    logins = List.copyOf(logins);
  }

  /**
   * An image that a job asks for. Its text has no name, as runners may have put variables into it.
   *
   * @param name with references to variables, where the runner left them
   * @param entrypoint in place of the image's own; empty: the image's own
   * @param pulls what may be done to have it, the first being wanted most
   * @param platform that it must be made for
   * @param user that its commands are to run as
   */
  record Image(
      String name,
      Optional<List<String>> entrypoint,
      List<String> pulls,
      Optional<String> platform,
      Optional<String> user) {
    @Override
    public String toString() {
      return "Image";
    }
  }

  /**
   * A further container.
   *
   * @param alias that the job gives it, as it is written
   * @param command in place of the image's own; empty: the image's own
   * @param variables beside the job's
   */
  record Service(
      Image image,
      Optional<String> alias,
      Optional<List<String>> command,
      List<Variable> variables) {}

  /**
   * A variable of the job. Its text has no value.
   *
   * @param raw whether references in its value are none
   */
  record Variable(
      String key, String value, boolean isPublic, boolean masked, boolean file, boolean raw) {
    /** The same with another value. */
    Variable with(String other) {
      return new Variable(key, other, isPublic, masked, file, raw);
    }

    @Override
    public String toString() {
      return "Variable[" + key + "]";
    }
  }

  /**
   * Reads what a runner passed on.
   *
   * @param instance URL of the GitLab instance, whose path is no part of a project's
   * @param fetched value of a secret that the runner got from elsewhere, by its name
   * @throws IOException with cause and remedy, where it is not what a runner passes on
   */
  static JobResponse parse(byte[] json, URI instance, Function<String, Optional<String>> fetched)
      throws IOException {
    JsonNode root = tree(json);
    JsonNode id = root.path("id");
    if (!id.isIntegralNumber() || !id.canConvertToLong() || id.longValue() < 0) {
      throw new IOException("the job has no id" + UNKNOWN);
    }
    JsonNode info = root.path("job_info");
    JsonNode git = root.path("git_info");
    Optional<URI> repository = text(git, "repo_url").flatMap(JobResponse::url);
    Optional<String> project =
        text(info, "project_full_path")
            .or(() -> repository.flatMap(url -> projectOf(url, instance)));
    Job job =
        new Job(
            new JobId(Long.toString(id.longValue())),
            "gitlab",
            project,
            text(git, "ref"),
            text(info, "name").orElse("unnamed"),
            flag(git, "protected"),
            details(info, git));
    List<Variable> variables = variables(root.path("variables"));
    List<String> unknown = new ArrayList<>();
    root.path("secrets")
        .propertyStream()
        .forEach(
            secret ->
                fetched
                    .apply(secret.getKey())
                    .ifPresentOrElse(
                        value -> variables.add(secret(secret.getKey(), value, secret.getValue())),
                        () -> unknown.add(secret.getKey())));
    return new JobResponse(
        job,
        image(root.path("image")),
        services(root.path("services")),
        variables,
        unknown,
        logins(root.path("credentials")),
        repository.map(JobResponse::withoutLogin),
        text(root, "token"),
        kept(root, project));
  }

  private static ScriptScope.Kept kept(JsonNode root, Optional<String> project) {
    JsonNode git = root.path("git_info");
    List<String> texts =
        Stream.of(text(root, "token"), text(git, "repo_url"), text(git, "ref"), project)
            .flatMap(Optional::stream)
            .toList();
    List<String> commands = new ArrayList<>();
    for (String part : List.of("steps", "hooks")) {
      for (JsonNode one : root.path(part)) {
        one.path("script").forEach(command -> commands.add(command.asText()));
      }
    }
    return new ScriptScope.Kept(texts, commands);
  }

  private static final String UNKNOWN =
      ": JOB_RESPONSE_FILE is not what gitlab-runner 14.8 or later writes; is this its custom"
          + " executor?";

  private static JsonNode tree(byte[] json) throws IOException {
    JsonNode root;
    try {
      root = JSON.readTree(json);
    } catch (IOException e) {
      // Its message would have a piece of the job, which has secrets.
      throw new IOException("the job is no JSON" + UNKNOWN, null);
    }
    if (root == null || !root.isObject()) {
      throw new IOException("the job is no JSON object" + UNKNOWN);
    }
    return root;
  }

  private static Map<String, String> details(JsonNode info, JsonNode git) {
    Map<String, String> details = new LinkedHashMap<>();
    put(details, "stage", text(info, "stage"));
    put(details, "project-id", number(info, "project_id"));
    put(details, "pipeline-id", number(info, "pipeline_id"));
    put(details, "user-id", number(info, "user_id"));
    put(details, "sha", text(git, "sha"));
    put(details, "ref-type", text(git, "ref_type"));
    return details;
  }

  private static void put(Map<String, String> details, String name, Optional<String> value) {
    value.ifPresent(its -> details.put(name, its));
  }

  private static Optional<String> number(JsonNode node, String key) {
    return node.path(key).isIntegralNumber()
        ? Optional.of(node.path(key).asText())
        : Optional.empty();
  }

  private static Optional<String> text(JsonNode node, String key) {
    return node.path(key).isTextual() && !node.path(key).asText().isBlank()
        ? Optional.of(node.path(key).asText())
        : Optional.empty();
  }

  private static Optional<Boolean> flag(JsonNode node, String key) {
    return node.path(key).isBoolean() ? Optional.of(node.path(key).asBoolean()) : Optional.empty();
  }

  private static Optional<URI> url(String text) {
    try {
      URI url = URI.create(text);
      return url.getHost() == null ? Optional.empty() : Optional.of(url);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The path of a repository's URL below the instance's own. */
  private static Optional<String> projectOf(URI repository, URI instance) {
    String path = String.valueOf(repository.getPath());
    String above = String.valueOf(instance.getPath()).replaceFirst("/+$", "");
    if (!above.isEmpty() && path.startsWith(above + "/")) {
      path = path.substring(above.length());
    }
    String project = path.replaceFirst("^/+", "").replaceFirst("\\.git/?$", "");
    return project.isBlank() ? Optional.empty() : Optional.of(project);
  }

  private static URI withoutLogin(URI url) {
    String port = url.getPort() >= 0 ? ":" + url.getPort() : "";
    return URI.create(url.getScheme() + "://" + url.getHost() + port + "/");
  }

  private static Optional<Image> image(JsonNode node) {
    JsonNode docker = node.path("executor_opts").path("docker");
    return text(node, "name")
        .map(
            name ->
                new Image(
                    name,
                    list(node.path("entrypoint")),
                    words(node.path("pull_policy")),
                    text(docker, "platform"),
                    text(docker, "user").or(() -> number(docker, "user"))));
  }

  private static List<String> words(JsonNode node) {
    return node.isTextual() ? List.of(node.asText()) : list(node).orElse(List.of());
  }

  private static Optional<List<String>> list(JsonNode node) {
    if (!node.isArray() || node.isEmpty()) {
      return Optional.empty();
    }
    List<String> items = new ArrayList<>();
    node.forEach(item -> items.add(item.asText("")));
    return Optional.of(List.copyOf(items));
  }

  private static List<Service> services(JsonNode node) {
    List<Service> services = new ArrayList<>();
    for (JsonNode one : node) {
      image(one)
          .ifPresent(
              image ->
                  services.add(
                      new Service(
                          image,
                          text(one, "alias"),
                          list(one.path("command")),
                          variables(one.path("variables")))));
    }
    return services;
  }

  private static List<Variable> variables(JsonNode node) {
    List<Variable> variables = new ArrayList<>();
    for (JsonNode one : node) {
      text(one, "key")
          .ifPresent(
              key ->
                  variables.add(
                      new Variable(
                          key,
                          one.path("value").asText(""),
                          one.path("public").asBoolean(false),
                          one.path("masked").asBoolean(false),
                          one.path("file").asBoolean(false),
                          one.path("raw").asBoolean(false))));
    }
    return variables;
  }

  /** As gitlab-runner has it: of type file, unless the job says otherwise. */
  private static Variable secret(String key, String value, JsonNode its) {
    return new Variable(key, value, false, true, its.path("file").asBoolean(true), true);
  }

  private static List<RegistryLogin> logins(JsonNode node) {
    List<RegistryLogin> logins = new ArrayList<>();
    for (JsonNode one : node) {
      if (one.path("type").asText().equals("registry")) {
        text(one, "url")
            .ifPresent(
                registry ->
                    logins.add(
                        new RegistryLogin(
                            registry,
                            one.path("username").asText(""),
                            one.path("password").asText(""))));
      }
    }
    return logins;
  }

  /** The value of a variable; of one that is there several times, the last. */
  Optional<String> variable(String key) {
    return variables.stream()
        .filter(variable -> variable.key().equals(key))
        .reduce((_, last) -> last)
        .map(Variable::value);
  }

  /** The values of masked variables and files, the job's token, and what registries are told. */
  Redaction redaction(DockerLogins told) {
    return new Redaction(
        Stream.of(
                variables.stream()
                    .filter(variable -> variable.masked() || variable.file())
                    .map(Variable::value),
                told.secrets().stream(),
                token.stream())
            .flatMap(values -> values)
            .toList());
  }

  @Override
  public String toString() {
    return "JobResponse[" + job + "]";
  }

  /** Bytes of text, as sandboxes get it. */
  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
