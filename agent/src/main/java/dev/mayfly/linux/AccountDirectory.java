package dev.mayfly.linux;

import com.sun.jna.Memory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A directory that an account of this host has for itself, and that root makes, reads from and
 * removes. The account may put anything there, and change it at any moment: nothing is reached by a
 * path through the directory, no link is followed, and what is written is written before the
 * account gets to it. The directory above has to be root's.
 */
public final class AccountDirectory {
  /** What a file that is read may have at most. */
  static final int MOST_BYTES = 64 << 10;

  private static final int BUFFER = 8 << 10;
  private static final long MOST_ENTRIES = 1_000_000;

  private final Path path;
  private final Account account;

  public AccountDirectory(Path path, Account account) {
    this.path = path;
    this.account = account;
  }

  public Path path() {
    return path;
  }

  /**
   * Makes it, for the account alone, where there is nothing of its name.
   *
   * @param directories names of empty ones in it
   * @param files texts by their names
   */
  public void make(List<String> directories, Map<String, String> files) throws IOException {
    Ownership owner = new Ownership(account.uid(), account.gid());
    try (BeneathDirectory above = above();
        BeneathDirectory made = above.makeNew(name())) {
      for (String directory : directories) {
        try (BeneathDirectory inner = made.makeNew(bytes(directory))) {
          inner.node().give(owner);
        }
      }
      for (Map.Entry<String, String> file : files.entrySet()) {
        try (TreeNode inner = made.create(bytes(file.getKey()))) {
          write(inner, bytes(file.getValue()));
          inner.give(owner);
        }
      }
      made.node().give(owner);
    }
  }

  private static void write(TreeNode file, byte[] text) throws IOException {
    if (text.length > 0) {
      try (Memory buffer = new Memory(text.length)) {
        buffer.write(0, text, 0, text.length);
        file.write(buffer, text.length);
      }
    }
  }

  /**
   * What a file in it says, at most 64 KiB.
   *
   * @return empty where there is none
   * @throws IOException with cause, also where it is longer, no file, or not the account's own
   */
  public Optional<String> read(String file) throws IOException {
    try (BeneathDirectory above = above()) {
      Optional<BeneathDirectory> there = above.directoryThere(name());
      if (there.isEmpty()) {
        return Optional.empty();
      }
      try (BeneathDirectory directory = there.get()) {
        Optional<TreeNode> held = directory.hold(bytes(file));
        if (held.isEmpty()) {
          return Optional.empty();
        }
        try (TreeNode found = held.get()) {
          return Optional.of(text(found));
        }
      }
    }
  }

  /** A link to somebody else's file is no file; a hard link has the other's owner. */
  private String text(TreeNode found) throws IOException {
    TreeNode.Facts facts = found.facts();
    if (facts.kind() != TreeNode.Kind.FILE || facts.owner().uid() != account.uid()) {
      throw new IOException(
          found.place()
              + " is no file of user "
              + account.name()
              + "'s own, so it is not read: look what that user runs");
    }
    if (facts.size() <= MOST_BYTES) {
      byte[] text = bytes(found);
      if (text.length <= MOST_BYTES) {
        return new String(text, StandardCharsets.UTF_8);
      }
    }
    throw new IOException(
        found.place()
            + " is larger than "
            + MOST_BYTES
            + " bytes, so it is not read: look what user "
            + account.name()
            + " runs");
  }

  /** All of it, or what shows that it grew too large since. */
  private static byte[] bytes(TreeNode found) throws IOException {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    try (TreeNode opened = found.toRead(0);
        Memory buffer = new Memory(BUFFER)) {
      int read;
      do {
        read = opened.read(buffer, BUFFER);
        text.writeBytes(buffer.getByteArray(0, read));
      } while (read > 0 && text.size() <= MOST_BYTES);
    }
    return text.toByteArray();
  }

  /** Removes it with everything in it. Nothing to do where there is none. */
  public void remove() throws IOException {
    if (!Files.exists(path, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (BeneathDirectory above = above()) {
      Optional<BeneathDirectory> there = above.directoryThere(name());
      if (there.isEmpty()) {
        above.remove(name());
        return;
      }
      try (BeneathDirectory directory = there.get()) {
        TreeRemoval.contents(directory, MOST_ENTRIES);
      }
      if (!above.removeDirectory(name())) {
        throw new IOException(
            path + " is written to while it is removed: end what user " + account.name() + " runs");
      }
    }
  }

  private BeneathDirectory above() throws SyscallException {
    return BeneathDirectory.open(
        Objects.requireNonNull(path.toAbsolutePath().getParent()), TreePlace.Side.ACCOUNT);
  }

  private byte[] name() {
    return bytes(Objects.requireNonNull(path.getFileName()).toString());
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
