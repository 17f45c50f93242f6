package dev.mayfly.supervisor;

import dev.mayfly.sandbox.Command;

/** Lets tests of other packages have a command that is steered. */
public final class Steered {
  private Steered() {}

  /** From now on, signals go to the command. */
  public static void by(JobControl control, Command command) {
    control.steer(command);
  }
}
