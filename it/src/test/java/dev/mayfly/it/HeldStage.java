package dev.mayfly.it;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;

/** What a job can be held in, in the order in which a runner comes there. */
enum HeldStage {
  /** Its image is fetched, and the registry does not answer. */
  PREPARE_IMAGE("prepare", ""),
  /** A service is waited for that never listens. */
  PREPARE_SERVICE("prepare", ""),
  PREPARE_SCRIPT("prepare_script", "uname -n"),
  GET_SOURCES("get_sources", "git init *"),
  RESTORE_CACHE("restore_cache", "gitlab-runner cache-extractor *"),
  DOWNLOAD_ARTIFACTS("download_artifacts", "gitlab-runner artifacts-downloader *"),
  BUILD_SCRIPT("build_script", "hold script"),
  STEP_RELEASE("step_release", "hold release"),
  AFTER_SCRIPT("after_script", "hold after"),
  ARCHIVE_CACHE("archive_cache", "gitlab-runner cache-archiver *"),
  UPLOAD_ARTIFACTS("upload_artifacts_on_success", "gitlab-runner artifacts-uploader *"),
  CLEANUP_FILE_VARIABLES("cleanup_file_variables", "rm -f *.tmp/HELD");

  private final String call;
  private final String command;

  /**
   * @param call the last argument of the hook that then runs
   * @param command where the job stays: a pattern of the shell's
   */
  HeldStage(String call, String command) {
    this.call = call;
    this.command = command;
  }

  /** All of them in full size, else some. */
  static Set<HeldStage> or(HeldStage... some) {
    return Site.fullSize() ? EnumSet.allOf(HeldStage.class) : EnumSet.copyOf(Arrays.asList(some));
  }

  String call() {
    return call;
  }

  boolean isPreparation() {
    return call.equals("prepare");
  }

  boolean isBefore(HeldStage other) {
    return compareTo(other) < 0;
  }

  /** What the user's script can be ended in alone. */
  boolean isUserScript() {
    return this == BUILD_SCRIPT || this == STEP_RELEASE;
  }

  /** Adds to a job of {@link HeldJob}'s image what takes it there, and keeps it there. */
  GitLabJob hold(GitLabJob job) {
    job.variable("HOLD", command)
        .file("HELD", "a file variable")
        .script("echo >kept", "hold script")
        .afterScript("echo after", "hold after");
    return switch (this) {
      case GET_SOURCES -> job.sources("0123456789abcdef0123456789abcdef01234567");
      case RESTORE_CACHE, ARCHIVE_CACHE -> job.cache("key", "kept");
      case DOWNLOAD_ARTIFACTS -> withDependency(job);
      case STEP_RELEASE -> job.step("release", "hold release");
      case UPLOAD_ARTIFACTS -> job.artifacts("kept");
      case PREPARE_IMAGE,
          PREPARE_SERVICE,
          PREPARE_SCRIPT,
          BUILD_SCRIPT,
          AFTER_SCRIPT,
          CLEANUP_FILE_VARIABLES ->
          job;
    };
  }

  private static GitLabJob withDependency(GitLabJob job) {
    ObjectNode other = job.body().withArray("dependencies").addObject();
    other.put("id", 1).put("token", "glcbt-of-another").put("name", "another");
    other.putObject("artifacts_file").put("filename", "artifacts.zip").put("size", 1);
    return job;
  }
}
