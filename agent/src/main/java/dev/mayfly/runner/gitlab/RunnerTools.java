package dev.mayfly.runner.gitlab;

import dev.mayfly.linux.Account;
import dev.mayfly.runners.GitLabConfig;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What sandboxes of a runner see as tools: Mayfly's own, and gitlab-runner for artifacts and
 * caches. It is a copy, so that what was looked at is what jobs get, and what the host runs, too.
 *
 * @param directory of the host
 * @param digest of gitlab-runner, {@code sha256:…}
 */
record RunnerTools(Path directory, String digest) {

  private static final String RUNNER = "gitlab-runner";

  /**
   * Copies the tools in place of those that are there.
   *
   * @param ours directory with Mayfly's own
   * @throws IOException with cause and remedy, also where the program is not the one it should be;
   *     no gitlab-runner is left then
   */
  static RunnerTools copy(GitLabConfig.Program binary, Path ours, Path directory)
      throws IOException {
    requireProgram(binary.path());
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    try (DirectoryStream<Path> tools = Files.newDirectoryStream(ours)) {
      for (Path tool : tools) {
        Copy copy = Copy.of(tool, directory.resolve(tool.getFileName().toString()));
        copy.place(Files.getPosixFilePermissions(tool));
      }
    }
    Copy copy = Copy.of(binary.path(), directory.resolve(RUNNER));
    if (binary.digest().isPresent() && !binary.digest().get().equals(copy.digest)) {
      Files.delete(copy.unfinished);
      Files.deleteIfExists(copy.to);
      throw new IOException(
          binary.path()
              + " has the digest "
              + copy.digest
              + ", not the one of gitlab.binary-digest: look where it comes from, then correct the"
              + " digest");
    }
    copy.place(PosixFilePermissions.fromString("rwxr-xr-x"));
    return new RunnerTools(directory, copy.digest);
  }

  /** What the host runs. */
  Path runner() {
    return directory.resolve(RUNNER);
  }

  /**
   * Holds a path to be that of a program.
   *
   * @throws IOException with cause and remedy, where it is not
   */
  static void requireProgram(Path path) throws IOException {
    if (!Files.isExecutable(path) || Files.isDirectory(path)) {
      throw new IOException(
          path + " is no program: install gitlab-runner, or say in gitlab.binary where it is");
    }
  }

  /**
   * Holds a program to be one that an account without privileges gets to.
   *
   * @throws IOException with cause and remedy, where a directory on the way is closed to it
   */
  static void requireReachable(Path program, Account account) throws IOException {
    Optional<Path> closed = closedOnTheWay(program, account);
    if (closed.isPresent()) {
      throw new IOException(
          program
              + " can't be reached by user "
              + account.name()
              + ", to whom "
              + closed.get()
              + " is closed: chmod o+x "
              + closed.get()
              + ", or name another state-dir");
    }
  }

  /** Whether an account without privileges gets to a program, there already or not. */
  static boolean isReachable(Path program, Account account) throws IOException {
    return closedOnTheWay(program, account).isEmpty();
  }

  /**
   * The directory that keeps an account without privileges from a program, if one does. Those that
   * are still to be made keep nobody.
   */
  static Optional<Path> closedOnTheWay(Path program, Account account) throws IOException {
    Path there = program.toAbsolutePath();
    while (!Files.exists(there)) {
      there = Objects.requireNonNull(there.getParent());
    }
    Path real = there.toRealPath();
    Path first = there.equals(program.toAbsolutePath()) ? real.getParent() : real;
    for (Path at = first; at != null; at = at.getParent()) {
      if (!lets(at, account)) {
        return Optional.of(at);
      }
    }
    return Optional.empty();
  }

  private static boolean lets(Path directory, Account account) throws IOException {
    Set<PosixFilePermission> open = Files.getPosixFilePermissions(directory);
    PosixFilePermission needed =
        Files.getAttribute(directory, "unix:uid").equals(account.uid())
            ? PosixFilePermission.OWNER_EXECUTE
            : Files.getAttribute(directory, "unix:gid").equals(account.gid())
                ? PosixFilePermission.GROUP_EXECUTE
                : PosixFilePermission.OTHERS_EXECUTE;
    return open.contains(needed);
  }

  /** A copy that is not yet in its place. */
  private record Copy(Path unfinished, Path to, String digest) {
    static Copy of(Path from, Path to) throws IOException {
      Path unfinished = to.resolveSibling("." + to.getFileName() + ".new");
      Files.deleteIfExists(unfinished);
      MessageDigest digest = sha256();
      try (InputStream in = new DigestInputStream(Files.newInputStream(from), digest);
          OutputStream out = Files.newOutputStream(unfinished)) {
        in.transferTo(out);
      }
      return new Copy(unfinished, to, "sha256:" + HexFormat.of().formatHex(digest.digest()));
    }

    /** Puts it in place of what is there: who runs that still keeps it. */
    void place(Set<PosixFilePermission> permissions) throws IOException {
      Files.setPosixFilePermissions(unfinished, permissions);
      Files.move(unfinished, to, StandardCopyOption.ATOMIC_MOVE);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
