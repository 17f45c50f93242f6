package dev.mayfly.supervisor;

import dev.mayfly.linux.Ownership;
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
    copy(source, sandbox.workspace(), sandbox.owner(), TreeCopy.Links.KEEP, sandbox, messages);
  }

  /** Takes the workspace out, after the last process. */
  static void out(Sandbox sandbox, Path target, Consumer<String> messages) throws IOException {
    copy(
        sandbox.workspace(),
        target,
        Ownership.of(target),
        TreeCopy.Links.INSIDE_ONLY,
        sandbox,
        messages);
  }

  private static void copy(
      Path source,
      Path target,
      Ownership owner,
      TreeCopy.Links links,
      Sandbox sandbox,
      Consumer<String> messages)
      throws IOException {
    Limits limits = sandbox.plan().policy().limits();
    TreeCopy.Result result =
        TreeCopy.copy(
            source,
            target,
            new TreeCopy.Owner((int) owner.uid(), (int) owner.gid()),
            links,
            new TreeCopy.Limits(limits.disk().bytes(), limits.inodes(), MAX_DEPTH));
    result.leftOut().forEach(name -> messages.accept("not copied: " + name));
  }
}
