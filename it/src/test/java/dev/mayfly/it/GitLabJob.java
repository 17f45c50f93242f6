package dev.mayfly.it;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** A job as GitLab hands it out, but for its id and token. Without sources, unless it is told. */
final class GitLabJob {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> FAILURE_REASONS =
      List.of(
          "script_failure",
          "runner_system_failure",
          "job_execution_timeout",
          "image_pull_failure",
          "unknown_failure",
          "runner_interrupted",
          "job_canceled");

  private final ObjectNode body = JSON.createObjectNode();
  private final String project;

  private GitLabJob(String name, String project) {
    this.project = project;
    body.put("allow_git_fetch", false);
    body.putObject("job_info")
        .put("name", name)
        .put("stage", "test")
        .put("project_id", 123)
        .put("project_name", project.substring(project.lastIndexOf('/') + 1))
        .put("project_full_path", project)
        .put("pipeline_id", 7)
        .put("user_id", 1);
    body.putObject("git_info")
        .put("ref", "main")
        .put("sha", "0123456789abcdef0123456789abcdef01234567")
        .put("before_sha", "0000000000000000000000000000000000000000")
        .put("ref_type", "branch")
        .put("depth", 20)
        .put("protected", false)
        .putArray("refspecs")
        .add("+refs/heads/main:refs/remotes/origin/main");
    body.putArray("steps");
    body.putObject("image").put("name", "mayfly-base");
    for (String list : List.of("variables", "services", "artifacts", "cache", "credentials")) {
      body.putArray(list);
    }
    body.putArray("dependencies");
    ArrayNode reasons =
        body.putObject("features").put("trace_sections", false).putArray("failure_reasons");
    FAILURE_REASONS.forEach(reasons::add);
    timeout(Duration.ofHours(1));
    variable("GIT_STRATEGY", "none");
  }

  /** A job of {@code group/project}. */
  static GitLabJob named(String name) {
    return of("group/project", name);
  }

  /**
   * A job of any project.
   *
   * @param project its full path, with a slash
   */
  static GitLabJob of(String project, String name) {
    return new GitLabJob(name, project);
  }

  GitLabJob script(String... lines) {
    return step("script", "on_success", false, lines);
  }

  GitLabJob afterScript(String... lines) {
    return step("after_script", "always", true, lines);
  }

  /** A further step, which runs between script and after_script. */
  GitLabJob step(String name, String... lines) {
    return step(name, "on_success", false, lines);
  }

  private GitLabJob step(String name, String when, boolean mayFail, String... lines) {
    ArrayNode script =
        body.withArray("steps")
            .addObject()
            .put("name", name)
            .put("timeout", 3600)
            .put("when", when)
            .put("allow_failure", mayFail)
            .putArray("script");
    Arrays.stream(lines).forEach(script::add);
    return this;
  }

  GitLabJob variable(String key, String value) {
    return variable(key, value, false, false);
  }

  GitLabJob masked(String key, String value) {
    return variable(key, value, true, false);
  }

  GitLabJob file(String key, String content) {
    return variable(key, content, false, true);
  }

  /** As {@code id_tokens:} comes: the token is the variable's value. */
  GitLabJob idToken(String key, String jwt) {
    return masked(key, jwt);
  }

  private GitLabJob variable(String key, String value, boolean masked, boolean file) {
    body.withArray("variables")
        .addObject()
        .put("key", key)
        .put("value", value)
        .put("public", !masked && !file)
        .put("file", file)
        .put("masked", masked)
        .put("raw", true);
    return this;
  }

  /** Fetches a commit of the project's main branch before the script. */
  GitLabJob sources(String sha) {
    variable("GIT_STRATEGY", "clone");
    body.withObject("/git_info").put("sha", sha);
    return this;
  }

  /** Of another project than the usual one. */
  GitLabJob projectId(long id) {
    body.withObject("/job_info").put("project_id", id);
    return this;
  }

  GitLabJob protectedRef() {
    body.withObject("/git_info").put("protected", true);
    return this;
  }

  GitLabJob image(String name, String... entrypoint) {
    ObjectNode image = body.withObject("/image").put("name", name);
    if (entrypoint.length > 0) {
      Arrays.stream(entrypoint).forEach(image.putArray("entrypoint")::add);
    }
    return this;
  }

  /** A service with one alias. */
  GitLabJob service(String image, String alias, String... command) {
    ObjectNode service =
        body.withArray("services").addObject().put("name", image).put("alias", alias);
    if (command.length > 0) {
      Arrays.stream(command).forEach(service.putArray("command")::add);
    }
    return this;
  }

  /** Rights for a registry. */
  GitLabJob registry(String host, String user, String password) {
    body.withArray("credentials")
        .addObject()
        .put("type", "registry")
        .put("url", host)
        .put("username", user)
        .put("password", password);
    return this;
  }

  /** What is uploaded after a script that succeeded. */
  GitLabJob artifacts(String... paths) {
    ArrayNode list =
        body.withArray("artifacts")
            .addObject()
            .put("name", "artifacts")
            .put("untracked", false)
            .put("when", "on_success")
            .put("expire_in", "1 week")
            .put("artifact_type", "archive")
            .put("artifact_format", "zip")
            .putArray("paths");
    Arrays.stream(paths).forEach(list::add);
    return this;
  }

  /** What is taken from the cache before the script and put there after it. */
  GitLabJob cache(String key, String... paths) {
    ArrayNode list =
        body.withArray("cache")
            .addObject()
            .put("key", key)
            .put("policy", "pull-push")
            .put("when", "on_success")
            .put("untracked", false)
            .putArray("paths");
    Arrays.stream(paths).forEach(list::add);
    return this;
  }

  /** Takes the artifacts of a job that has uploaded them. */
  GitLabJob dependsOn(OfferedJob other) {
    byte[] archive = other.artifact("archive");
    body.withArray("dependencies")
        .addObject()
        .put("id", other.id())
        .put("token", other.token())
        .put("name", "job " + other.id())
        .putObject("artifacts_file")
        .put("filename", "artifacts.zip")
        .put("size", archive.length);
    return this;
  }

  GitLabJob timeout(Duration limit) {
    body.putObject("runner_info").put("timeout", limit.toSeconds());
    return this;
  }

  /** Any other field of the body, to be changed by the caller. */
  ObjectNode body() {
    return body;
  }

  /** The whole, for one run of it. */
  ObjectNode offered(long id, String token, URI gitlab) {
    ObjectNode whole = body.deepCopy().put("id", id).put("token", token);
    whole
        .withObject("/git_info")
        .put(
            "repo_url",
            "%s://gitlab-ci-token:%s@%s/%s.git"
                .formatted(gitlab.getScheme(), token, gitlab.getAuthority(), project));
    ArrayNode variables = whole.withArray("variables");
    addKnown(variables, "CI_JOB_ID", Long.toString(id), false);
    addKnown(variables, "CI_JOB_TOKEN", token, true);
    addKnown(variables, "CI_PROJECT_PATH", project, false);
    addKnown(variables, "CI_SERVER_URL", gitlab.toString(), false);
    return whole;
  }

  private static void addKnown(ArrayNode variables, String key, String value, boolean masked) {
    variables
        .addObject()
        .put("key", key)
        .put("value", value)
        .put("public", !masked)
        .put("masked", masked);
  }
}
