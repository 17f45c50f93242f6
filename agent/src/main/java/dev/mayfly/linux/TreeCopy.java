package dev.mayfly.linux;

import com.sun.jna.Memory;
import dev.mayfly.linux.TreeNode.Facts;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Copies a directory tree when both sides may be hostile and change meanwhile: nothing outside of
 * either is read or written, no link is followed, devices, pipes and sockets are left out, setuid,
 * setgid and sticky bits, file capabilities and other extended attributes are dropped, hard links
 * become copies, and what is copied is bounded.
 *
 * <p>What the target has under the same names is replaced, but for directories: those stay, with
 * their owner, permissions and other contents, and where one is in the way of a file that is an
 * error. What is refused half-way leaves what was copied so far.
 */
public final class TreeCopy {
  private static final int MAX_TOLD = 100;
  private static final int BUFFER = 256 << 10;

  private final TreeNode.Identity target;
  private final Ownership owner;
  private final Links links;
  private final Limits limits;
  private final Memory buffer;
  private final List<String> leftOut = new ArrayList<>();
  private long notTold;
  private long entries;
  private long bytes;

  private TreeCopy(
      TreeNode.Identity target, Ownership owner, Links links, Limits limits, Memory buffer) {
    this.target = target;
    this.owner = owner;
    this.links = links;
    this.limits = limits;
    this.buffer = buffer;
  }

  /** What becomes of symbolic links. */
  private enum Links {
    /** They are made again as they are. */
    KEEP,
    /** Those that lead out of the tree are left out. */
    INSIDE_ONLY
  }

  /**
   * How much is copied at most.
   *
   * @param bytes as the files tell their sizes, holes counted
   * @param depth of directories in each other
   */
  public record Limits(long bytes, long entries, int depth) {}

  /**
   * What was copied.
   *
   * @param leftOut for a person: names and why, the first hundred
   */
  public record Result(long entries, long bytes, List<String> leftOut) {
    public Result {
      leftOut = List.copyOf(leftOut);
    }
  }

  /**
   * Copies what is in a directory into a sandbox's, for a user of the sandbox. Links are kept as
   * they are: followed there, they lead to files of the sandbox.
   *
   * @throws TreeTooLargeException where a limit is passed
   * @throws SyscallException naming what could not be read or written
   */
  public static Result into(Path source, Path target, Ownership owner, Limits limits)
      throws IOException {
    return copy(source, target, Optional.of(owner), Links.KEEP, limits);
  }

  /**
   * Copies what is in a sandbox's directory out into one of the host, for the latter's owner. Links
   * that are absolute or lead out of the tree are left out: followed on the host, they would lead
   * to what the job could not reach.
   *
   * @throws TreeTooLargeException where a limit is passed
   * @throws SyscallException naming what could not be read or written
   */
  public static Result outOf(Path source, Path target, Limits limits) throws IOException {
    return copy(source, target, Optional.empty(), Links.INSIDE_ONLY, limits);
  }

  private static Result copy(
      Path source, Path target, Optional<Ownership> owner, Links links, Limits limits)
      throws IOException {
    try (BeneathDirectory from = BeneathDirectory.open(source, TreePlace.Side.SOURCE);
        BeneathDirectory to = BeneathDirectory.open(target, TreePlace.Side.TARGET);
        Memory buffer = new Memory(BUFFER)) {
      Facts top = to.node().facts();
      TreeCopy copy =
          new TreeCopy(top.identity(), owner.orElse(top.owner()), links, limits, buffer);
      copy.contents(from, to, 1);
      if (copy.notTold > 0) {
        copy.leftOut.add("and " + copy.notTold + " more");
      }
      return new Result(copy.entries, copy.bytes, copy.leftOut);
    }
  }

  private void contents(BeneathDirectory from, BeneathDirectory to, int depth) throws IOException {
    if (depth > limits.depth()) {
      throw new TreeTooLargeException(
          from.node().place(), "directories in each other", limits.depth(), "copy a flatter one");
    }
    from.eachName(name -> entry(from, to, name, depth));
  }

  private void entry(BeneathDirectory from, BeneathDirectory to, byte[] name, int depth)
      throws IOException {
    refuseInterrupted();
    TreePlace place = from.node().place().entry(name);
    entries++;
    if (entries > limits.entries()) {
      throw new TreeTooLargeException(
          place,
          "files and directories",
          limits.entries(),
          "copy less, or raise limits.inodes in the policy");
    }
    Optional<TreeNode> held = from.hold(name);
    if (held.isEmpty()) {
      leaveOut(place, "it went away");
      return;
    }
    try (TreeNode source = held.get()) {
      Facts facts = source.facts();
      switch (facts.kind()) {
        case FILE -> file(source, facts, to, name);
        case DIRECTORY -> directory(source, facts, to, name, depth);
        case LINK -> link(source, to, name, depth);
        case OTHER -> leaveOut(place, "it is a device, pipe or socket");
      }
    }
  }

  private static void refuseInterrupted() throws InterruptedIOException {
    if (Thread.currentThread().isInterrupted()) {
      throw new InterruptedIOException("copying was interrupted; start it again");
    }
  }

  private void file(TreeNode held, Facts facts, BeneathDirectory to, byte[] name)
      throws IOException {
    if (facts.size() > limits.bytes() - bytes) {
      throw new TreeTooLargeException(
          held.place(), "bytes", limits.bytes(), "copy less, or raise limits.disk in the policy");
    }
    try (TreeNode source = held.toRead(0)) {
      to.remove(name);
      try (TreeNode target = to.create(name)) {
        data(source, target, facts.size());
        target.give(owner);
        target.resemble(facts);
      }
    }
  }

  /** Copies what the file had when it was looked at, however it grows or shrinks meanwhile. */
  private void data(TreeNode source, TreeNode target, long size) throws IOException {
    for (long left = size; left > 0; ) {
      refuseInterrupted();
      int length = source.read(buffer, left);
      if (length == 0) {
        return;
      }
      target.write(buffer, length);
      left -= length;
      bytes += length;
    }
  }

  private void directory(TreeNode held, Facts facts, BeneathDirectory to, byte[] name, int depth)
      throws IOException {
    if (facts.identity().equals(target)) {
      leaveOut(held.place(), "it is where the copy goes");
      return;
    }
    try (BeneathDirectory source = BeneathDirectory.of(held)) {
      // Two descriptors stay open for each level, not three.
      held.close();
      BeneathDirectory.Made made = to.makeDirectory(name, owner);
      try (BeneathDirectory target = made.directory()) {
        contents(source, target, depth + 1);
        if (made.fresh()) {
          target.node().resemble(facts);
        }
      }
    }
  }

  private void link(TreeNode held, BeneathDirectory to, byte[] name, int depth) throws IOException {
    byte[] text = held.linkText();
    if (links == Links.INSIDE_ONLY && leavesTree(text, depth)) {
      leaveOut(held.place(), "it is a link to " + TreePlace.shown(text) + ", outside of the tree");
      return;
    }
    to.makeLink(name, text, owner);
  }

  /**
   * Whether a link's text leads above the top at any of its steps. Other links that it passes are
   * links of the tree, and were judged themselves.
   *
   * @param depth of the directory that holds the link; 1 is the top
   */
  private static boolean leavesTree(byte[] link, int depth) {
    String text = new String(link, StandardCharsets.ISO_8859_1);
    if (text.startsWith("/")) {
      return true;
    }
    int level = depth - 1;
    boolean descended = false;
    for (String step : text.split("/+")) {
      if (step.equals("..")) {
        // After a name that may be a link itself, ".." can lead anywhere.
        if (descended) {
          return true;
        }
        level--;
      } else if (!step.isEmpty() && !step.equals(".")) {
        descended = true;
        level++;
      }
      if (level < 0) {
        return true;
      }
    }
    return false;
  }

  private void leaveOut(TreePlace place, String why) {
    if (leftOut.size() < MAX_TOLD) {
      leftOut.add(place.within() + ": " + why);
    } else {
      notTold++;
    }
  }
}
