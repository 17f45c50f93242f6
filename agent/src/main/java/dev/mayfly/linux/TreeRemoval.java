package dev.mayfly.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Removes what is in a directory that is held, whoever made it and whatever becomes of its names
 * meanwhile: links are removed and never followed, and nothing is reached by a path. A directory in
 * a directory is first moved up to the top, so that one of any depth takes no more descriptors and
 * no more stack than a flat one.
 */
final class TreeRemoval {
  private static final int PREFIX_BYTES = 8;

  private final BeneathDirectory top;
  private final long most;
  private final String prefix = ".removed-" + random();
  private long entries;

  private TreeRemoval(BeneathDirectory top, long most) {
    this.top = top;
    this.most = most;
  }

  /** For names that nobody has given to something already. */
  private static String random() {
    byte[] bytes = new byte[PREFIX_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes) + "-";
  }

  /**
   * Leaves the directory empty.
   *
   * @param most entries that are looked at before it gives up
   * @throws IOException with cause and remedy
   */
  static void contents(BeneathDirectory top, long most) throws IOException {
    TreeRemoval removal = new TreeRemoval(top, most);
    long before;
    do {
      before = removal.entries;
      removal.pass();
    } while (removal.entries > before);
  }

  /** A listing need not have what was moved up since it began. */
  private void pass() throws IOException {
    try (BeneathDirectory listed = BeneathDirectory.of(top.node())) {
      listed.eachName(this::remove);
    }
  }

  private void remove(byte[] name) throws IOException {
    count();
    if (top.removeFile(name)) {
      return;
    }
    Optional<BeneathDirectory> there = top.directoryThere(name);
    if (there.isPresent()) {
      try (BeneathDirectory directory = there.get()) {
        directory.eachName(inner -> removeOrRaise(directory, inner));
      }
      var _ = top.removeDirectory(name); // The next pass has what is still in it.
    }
  }

  private void removeOrRaise(BeneathDirectory directory, byte[] name) throws IOException {
    count();
    if (!directory.removeFile(name)) {
      directory.move(name, top, (prefix + entries).getBytes(StandardCharsets.US_ASCII));
    }
  }

  private void count() throws IOException {
    entries++;
    if (entries > most) {
      throw new IOException(
          top.node().place()
              + " has more than "
              + most
              + " files, or gets ever more of them: look who writes to it, and remove it by hand");
    }
  }
}
