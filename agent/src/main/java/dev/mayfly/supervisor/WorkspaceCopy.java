package dev.mayfly.supervisor;

import dev.mayfly.linux.TreeCopy;
import dev.mayfly.policy.Limits;
import dev.mayfly.sandbox.Sandbox;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Copies between a directory of the host and a sandbox's workspace; both sides may be hostile. */
final class WorkspaceCopy {
  private static final int MAX_DEPTH = 256;

  private WorkspaceCopy() {}

  /** Fills the workspace, before the first command. */
  static void in(Path source, Sandbox sandbox, Consumer<String> messages) throws IOException {
    tell(TreeCopy.into(source, sandbox.workspace(), sandbox.owner(), limits(sandbox)), messages);
  }

  /** Takes the workspace out, after the last process. */
  static void out(Sandbox sandbox, Path target, Consumer<String> messages) throws IOException {
    tell(TreeCopy.outOf(sandbox.workspace(), target, limits(sandbox)), messages);
  }

  private static TreeCopy.Limits limits(Sandbox sandbox) {
    Limits limits = sandbox.plan().policy().limits();
    return new TreeCopy.Limits(limits.disk().bytes(), limits.inodes(), MAX_DEPTH);
  }

  private static void tell(TreeCopy.Result result, Consumer<String> messages) {
    result.leftOut().forEach(name -> messages.accept("not copied: " + name));
  }
}
