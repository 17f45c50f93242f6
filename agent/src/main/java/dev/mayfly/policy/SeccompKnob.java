package dev.mayfly.policy;

import java.util.Locale;

/** Groups of system calls that the default profile refuses and a policy can give back by name. */
public enum SeccompKnob {
  ALLOW_PTRACE,
  ALLOW_IO_URING,
  ALLOW_KEYCTL,
  ALLOW_PERF,
  ALLOW_USERNS,
  ALLOW_USERFAULTFD;

  /** The word for it in the configuration, and the name of its file under {@code seccomp/knobs}. */
  public String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
