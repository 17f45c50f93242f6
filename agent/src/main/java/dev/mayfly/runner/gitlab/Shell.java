package dev.mayfly.runner.gitlab;

import java.util.List;

/** What runs a job's scripts. */
enum Shell {
  BASH("bash", ":"),
  /** One that reads {@code $'…'} as bash does, as the shell of busybox. */
  SH("sh", "test $'a\\tb' = \"$(printf 'a\\tb')\""),
  /** One that does not, as dash: scripts must be written for it. */
  POSIX_SH("sh", ":");

  /** The variable that has gitlab-runner write scripts for any shell. */
  static final String POSIX_SCRIPTS = "FF_POSIXLY_CORRECT_ESCAPES";

  private final String program;
  private final String probe;

  Shell(String program, String probe) {
    this.program = program;
    this.probe = probe;
  }

  /** What is executed; the script comes on its standard input. */
  String program() {
    return program;
  }

  /** A command that succeeds where the shell is there. */
  List<String> probe() {
    return List.of(program, "-c", probe);
  }
}
