package dev.mayfly.supervisor;

import dev.mayfly.policy.ImageReference;
import dev.mayfly.sandbox.SandboxId;
import java.util.Optional;

/**
 * What became of a job's service.
 *
 * @param name that the job knows it by
 * @param digest of its image's configuration; empty where the image was not found
 * @param sandbox empty where it got none
 * @param ready whether it listened before the job ran; empty where no port tells
 * @param exitCode of its program, where that ended by itself
 */
public record ServiceResult(
    String name,
    ImageReference image,
    Optional<String> digest,
    Optional<SandboxId> sandbox,
    Optional<Boolean> ready,
    End end,
    Optional<Integer> exitCode) {

  /** How a service ended. */
  public enum End {
    /** It got no sandbox. */
    REFUSED("refused"),
    /** Its program could not be started. */
    NOT_STARTED("not-started"),
    /** With the job. */
    WITH_JOB("with-job"),
    /** Its program ended by itself before the job did. */
    EXITED("exited"),
    /** It reached the lifetime of the job's policy. */
    TIMED_OUT("timed-out"),
    /** Its sandbox went away under it. */
    LOST("lost");

    private final String word;

    End(String word) {
      this.word = word;
    }

    /** For reports. */
    public String word() {
      return word;
    }
  }
}
