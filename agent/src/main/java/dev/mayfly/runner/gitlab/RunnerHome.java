package dev.mayfly.runner.gitlab;

import dev.mayfly.linux.Account;
import dev.mayfly.linux.UnixListener;
import dev.mayfly.runners.RunnerConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The directory that gitlab-runner has for itself while it runs, and what of it outlasts that: the
 * token, which GitLab may have it change.
 */
final class RunnerHome {
  private final RunnerConfig runner;
  private final Account account;
  private final Path kept;

  private final Path runDirectory;

  /** Everybody may pass it, and nobody else may look into it. */
  private final Path run;

  /**
   * @param stateDir of the supervisor, where a changed token is kept
   * @param runDirectory of the supervisors of this host
   */
  RunnerHome(RunnerConfig runner, Account account, Path stateDir, Path runDirectory) {
    this.runner = runner;
    this.account = account;
    this.runDirectory = runDirectory;
    this.run = runDirectory.resolve("runners");
    this.kept = stateDir.resolve("runners").resolve(runner.name());
  }

  Account account() {
    return account;
  }

  Path directory() {
    return run.resolve(runner.name());
  }

  /** The socket of its hooks. */
  Path socket() {
    return run.resolve(runner.name() + ".sock");
  }

  Path config() {
    return directory().resolve("config.toml");
  }

  /** Where gitlab-runner makes a directory for each job. */
  Path temporary() {
    return directory().resolve("tmp");
  }

  /** What only root sees of the runner's on the host. */
  Path kept() {
    return kept;
  }

  /** Makes the place of its socket. */
  void prepare() throws IOException {
    Files.createDirectories(run);
    for (Path passed : List.of(runDirectory, run)) {
      Set<PosixFilePermission> now = EnumSet.copyOf(Files.getPosixFilePermissions(passed));
      if (now.add(PosixFilePermission.OTHERS_EXECUTE)) {
        Files.setPosixFilePermissions(passed, now);
      }
    }
    Files.createDirectories(
        kept, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  /**
   * The hook's program where the runner gets to it: as it is installed, or else a copy.
   *
   * @param installed where it is
   */
  Path reachable(Path installed) throws IOException {
    if (RunnerTools.closedOnTheWay(installed, account).isEmpty()) {
      return installed;
    }
    Files.copy(installed, hookCopy(), StandardCopyOption.REPLACE_EXISTING);
    return Files.setPosixFilePermissions(hookCopy(), PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Path hookCopy() {
    return run.resolve(runner.name() + ".hook");
  }

  /** Makes the directory anew, with a configuration that the runner alone can read. */
  void fill(Path hook) throws IOException {
    removeDirectory();
    for (Path directory : new Path[] {directory(), temporary()}) {
      Files.createDirectory(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      give(directory);
    }
    Files.createFile(
        config(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(config(), RunnerToml.of(runner, token(), hook, socket()));
    give(config());
    Path systemId = kept.resolve("system-id");
    if (Files.exists(systemId)) {
      Path own = directory().resolve(".runner_system_id");
      Files.copy(systemId, own);
      give(own);
    }
  }

  private void give(Path path) throws IOException {
    Files.setAttribute(path, "unix:uid", account.uid(), LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(path, "unix:gid", account.gid(), LinkOption.NOFOLLOW_LINKS);
  }

  /** Who its hooks run as, and root, who may try them. A number may be nobody's name. */
  Set<UserPrincipal> users() throws IOException {
    Path probe = Files.createTempFile(kept, ".owner", "");
    try {
      give(probe);
      return Set.copyOf(List.of(Files.getOwner(probe), UnixListener.self()));
    } finally {
      Files.delete(probe);
    }
  }

  /**
   * The token: what gitlab-runner changed it to, unless the operator's file has another one since.
   *
   * @throws IOException with cause and remedy
   */
  private String token() throws IOException {
    String given = givenToken();
    Path changed = kept.resolve("token");
    if (Files.exists(changed)) {
      String[] lines = Files.readString(changed).split("\n", -1);
      if (lines.length >= 2 && lines[0].equals(digest(given))) {
        return lines[1];
      }
    }
    return given;
  }

  private String givenToken() throws IOException {
    SecretFile file =
        new SecretFile("token-file", runner.gitlab().tokenFile(), runner.name(), "the token");
    String token = file.read().strip();
    if (!token.matches("[A-Za-z0-9._-]{8,1024}")) {
      throw new IOException(
          "token-file "
              + file.path()
              + " does not hold a runner's authentication token (glrt-…): copy it from GitLab's"
              + " page of the runner");
    }
    file.requireClosed();
    return token;
  }

  private static String digest(String token) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Words that no log may have. */
  Set<String> secrets() throws IOException {
    return new HashSet<>(List.of(givenToken(), token()));
  }

  /**
   * Takes out what has to outlast this run: the token, where it was changed, and the system's id.
   */
  void keep() throws IOException {
    if (Files.isRegularFile(config(), LinkOption.NOFOLLOW_LINKS)) {
      Optional<String> now = RunnerToml.tokenOf(Files.readString(config()));
      if (now.isPresent() && !now.get().equals(token())) {
        write("token", digest(givenToken()) + "\n" + now.get() + "\n");
      }
    }
    Path systemId = directory().resolve(".runner_system_id");
    if (Files.isRegularFile(systemId, LinkOption.NOFOLLOW_LINKS)) {
      write("system-id", Files.readString(systemId));
    }
  }

  private void write(String name, String text) throws IOException {
    Path unfinished = kept.resolve(name + ".new");
    Files.deleteIfExists(unfinished);
    Files.createFile(
        unfinished,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(unfinished, text);
    Files.move(unfinished, kept.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Removes what is left, and the place of all runners where no other has anything there. */
  void leave() throws IOException {
    removeOwn();
    leavePlace();
  }

  /** Removes what is left of this runner. */
  void removeOwn() throws IOException {
    removeDirectory();
    Files.deleteIfExists(hookCopy());
  }

  /** Removes the place of all runners where nobody has anything there. */
  void leavePlace() throws IOException {
    try {
      Files.deleteIfExists(run);
    } catch (DirectoryNotEmptyException e) {
      return; // Another runner's.
    }
  }

  /** Removes the directory with everything in it. */
  void removeDirectory() throws IOException {
    if (!Files.exists(directory(), LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try (Stream<Path> all = Files.walk(directory())) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
