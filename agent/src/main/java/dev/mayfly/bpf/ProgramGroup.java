package dev.mayfly.bpf;

import java.util.Locale;

/** Programs that load together or not at all: an object each, in the order of loading. */
public enum ProgramGroup {
  /** Processes; the others need it. */
  CORE("processes"),
  /** At the root of cgroup2. */
  NETWORK("connections and other uses of sockets are not told"),
  /** Before something is done. */
  LSM("nothing is refused before it is done"),
  /** When a call returns. */
  SYSCALLS("system calls and opened files are not told");

  private final String lost;

  ProgramGroup(String lost) {
    this.lost = lost;
  }

  /** What it is called, also its object. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What goes unseen without it, for a person. */
  String lost() {
    return lost;
  }

  /** Whether without it something of what a job does is not told; else it only refuses. */
  boolean tells() {
    return this != LSM;
  }

  String resource() {
    return "/bpf/" + word() + ".bpf.o";
  }
}
