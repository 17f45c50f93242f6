package dev.mayfly.sandbox;

import java.util.List;

/**
 * A command to execute in a sandbox. Strings are bytes, since Linux gives them no encoding.
 *
 * @param groups supplementary groups, at most 64
 * @param rows of the terminal; 0 without one
 * @param columns of the terminal; 0 without one
 * @param arguments with the program first
 * @param environment {@code NAME=VALUE}
 */
public record CommandSpec(
    int uid,
    int gid,
    List<Integer> groups,
    InitFrame.Mode mode,
    int rows,
    int columns,
    byte[] directory,
    List<byte[]> arguments,
    List<byte[]> environment) {
  private static final int MAX_GROUPS = 64;

  public CommandSpec {
    groups = List.copyOf(groups);
    arguments = List.copyOf(arguments);
    environment = List.copyOf(environment);
    if (groups.size() > MAX_GROUPS) {
      throw new IllegalArgumentException("at most " + MAX_GROUPS + " supplementary groups");
    }
    if (arguments.isEmpty()) {
      throw new IllegalArgumentException("a command has at least its program");
    }
    arguments.forEach(CommandSpec::withoutNul);
    environment.forEach(CommandSpec::withoutNul);
    withoutNul(directory);
  }

  private static void withoutNul(byte[] string) {
    for (byte b : string) {
      if (b == 0) {
        throw new IllegalArgumentException(
            "a NUL byte can't be in an argument, a variable or a path");
      }
    }
  }
}
