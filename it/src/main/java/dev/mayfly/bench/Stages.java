package dev.mayfly.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The scripts of a job's stages, as files.
 *
 * @param scripts by their stages, in order
 */
record Stages(Map<String, Path> scripts) {
  /** The stage that runs what the job itself says. */
  static final String OWN = "step_script";

  /** GitLab gives a job some hundred variables, of which each stage exports all. */
  private static final int VARIABLES = 100;

  Stages {
    scripts = Collections.unmodifiableMap(new LinkedHashMap<>(scripts));
  }

  /**
   * The stages of a job without sources, caches and artifacts.
   *
   * @param directory that they are written to
   * @param own what the job itself says, in bash
   */
  static Stages of(Path directory, String own) throws IOException {
    Map<String, Path> scripts = new LinkedHashMap<>();
    Files.createDirectories(directory);
    add(scripts, directory, "prepare_script", "echo \"Running on $(uname -n)...\"");
    add(scripts, directory, "get_sources", "echo 'Skipping Git repository setup'; mkdir -p builds");
    add(scripts, directory, OWN, own);
    add(scripts, directory, "cleanup_file_variables", "rm -f gitlab_runner_env");
    return new Stages(scripts);
  }

  private static void add(Map<String, Path> scripts, Path directory, String stage, String does)
      throws IOException {
    StringBuilder exports = new StringBuilder();
    for (int i = 0; i < VARIABLES; i++) {
      exports.append("export CI_VARIABLE_%d=a-value-of-some-length-%d\\n".formatted(i, i));
    }
    String text =
        "#!/usr/bin/env bash\n\nset -eo pipefail\nset +o noclobber\n: | eval $'%s%s\\n'\nexit 0\n"
            .formatted(exports, does.replace("\\", "\\\\").replace("'", "\\'"));
    scripts.put(stage, Files.writeString(directory.resolve(stage), text));
  }
}
