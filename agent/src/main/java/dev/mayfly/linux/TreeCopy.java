package dev.mayfly.linux;

import dev.mayfly.linux.BeneathDirectory.Facts;
import dev.mayfly.linux.BeneathDirectory.Kind;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Copies a directory tree when both sides may be hostile and change meanwhile: nothing outside of
 * either is read or written, no link is followed, devices, pipes and sockets are left out, setuid,
 * setgid and sticky bits are dropped, hard links become copies, and what is copied is bounded.
 * Mounts inside a tree are entered.
 */
public final class TreeCopy {
  private static final int MAX_TOLD = 100;
  private static final long CHUNK = 8 << 20;

  private final Owner owner;
  private final Links links;
  private final Limits limits;
  private final List<String> leftOut = new ArrayList<>();
  private long notTold;
  private long entries;
  private long bytes;

  private TreeCopy(Owner owner, Links links, Limits limits) {
    this.owner = owner;
    this.links = links;
    this.limits = limits;
  }

  /** What becomes of symbolic links. */
  public enum Links {
    /** They are made again as they are. */
    KEEP,
    /** Those that are absolute, or lead out of the tree by their text, are left out. */
    INSIDE_ONLY
  }

  /** Whom the copy belongs to. */
  public record Owner(int uid, int gid) {}

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
   * Copies what is in one directory into another that exists. Files that are there under the same
   * names are replaced.
   *
   * @throws TreeTooLargeException where a limit is passed
   * @throws SyscallException naming what could not be read or written; what was copied so far stays
   */
  public static Result copy(Path source, Path target, Owner owner, Links links, Limits limits)
      throws IOException {
    TreeCopy copy = new TreeCopy(owner, links, limits);
    try (BeneathDirectory from = BeneathDirectory.open(source);
        BeneathDirectory to = BeneathDirectory.open(target)) {
      copy.contents(from, to, "", 1);
    }
    if (copy.notTold > 0) {
      copy.leftOut.add("and " + copy.notTold + " more");
    }
    return new Result(copy.entries, copy.bytes, copy.leftOut);
  }

  private void contents(BeneathDirectory from, BeneathDirectory to, String path, int depth)
      throws IOException {
    if (depth > limits.depth()) {
      throw new TreeTooLargeException(
          "directories in each other", limits.depth(), "copy a flatter one");
    }
    for (byte[] name : from.names()) {
      if (Thread.currentThread().isInterrupted()) {
        throw new ClosedByInterruptException();
      }
      entry(from, to, name, path + "/" + BeneathDirectory.shown(name), depth);
    }
  }

  private void entry(
      BeneathDirectory from, BeneathDirectory to, byte[] name, String path, int depth)
      throws IOException {
    entries++;
    if (entries > limits.entries()) {
      throw new TreeTooLargeException(
          "files and directories",
          limits.entries(),
          "copy less, or raise limits.inodes in the policy");
    }
    Kind kind;
    try {
      kind = from.kind(name);
    } catch (SyscallException e) {
      if (e.errno() == Errno.ENOENT) {
        leaveOut(path, "it went away");
        return;
      }
      throw e;
    }
    switch (kind) {
      case FILE -> file(from, to, name, path);
      case DIRECTORY -> directory(from, to, name, path, depth);
      case LINK -> link(from, to, name, path, depth);
      case OTHER -> leaveOut(path, "it is a device, pipe or socket");
    }
  }

  private void file(BeneathDirectory from, BeneathDirectory to, byte[] name, String path)
      throws IOException {
    try (FileDescriptorHandle source = from.read(name)) {
      Facts facts = BeneathDirectory.facts(source);
      if (facts.kind() != Kind.FILE) {
        leaveOut(path, "it became something else");
        return;
      }
      to.remove(name);
      try (FileDescriptorHandle target = to.create(name)) {
        data(source, target, facts.size());
        BeneathDirectory.finish(target, name, owner, facts);
      }
    }
  }

  private void data(FileDescriptorHandle source, FileDescriptorHandle target, long size)
      throws IOException {
    if (size > limits.bytes() - bytes) {
      throw tooManyBytes();
    }
    try (FileInputStream input = new FileInputStream(source.path().toFile());
        FileOutputStream output = new FileOutputStream(target.path().toFile());
        FileChannel from = input.getChannel();
        FileChannel to = output.getChannel()) {
      long at = 0;
      for (long n = from.transferTo(at, CHUNK, to); n > 0; n = from.transferTo(at, CHUNK, to)) {
        at += n;
        bytes += n;
        if (bytes > limits.bytes()) {
          throw tooManyBytes();
        }
      }
    }
  }

  private TreeTooLargeException tooManyBytes() {
    return new TreeTooLargeException(
        "bytes", limits.bytes(), "copy less, or raise limits.disk in the policy");
  }

  private void directory(
      BeneathDirectory from, BeneathDirectory to, byte[] name, String path, int depth)
      throws IOException {
    try (BeneathDirectory source = from.directory(name)) {
      Facts facts = BeneathDirectory.facts(source.handle());
      to.makeDirectory(name);
      try (BeneathDirectory target = to.directory(name)) {
        contents(source, target, path, depth + 1);
        BeneathDirectory.finish(target.handle(), name, owner, facts);
      }
    }
  }

  private void link(BeneathDirectory from, BeneathDirectory to, byte[] name, String path, int depth)
      throws IOException {
    byte[] text = from.link(name);
    if (links == Links.INSIDE_ONLY && leavesTree(BeneathDirectory.latin1(text), depth)) {
      leaveOut(path, "it is a link to " + BeneathDirectory.shown(text) + ", outside of the tree");
      return;
    }
    to.remove(name);
    to.makeLink(name, text, owner);
  }

  /**
   * Whether a link's text leads above the top at any of its steps. Other links that it passes are
   * links of the tree, and were judged themselves.
   *
   * @param depth of the directory that holds the link; 1 is the top
   */
  private static boolean leavesTree(String text, int depth) {
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

  private void leaveOut(String path, String why) {
    if (leftOut.size() < MAX_TOLD) {
      leftOut.add(path + ": " + why);
    } else {
      notTold++;
    }
  }
}
