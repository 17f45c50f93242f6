package dev.mayfly.runner.gitlab;

import dev.mayfly.linux.Account;
import dev.mayfly.linux.AccountDirectory;
import dev.mayfly.linux.UnixListener;
import dev.mayfly.runners.RunnerConfig;
import dev.mayfly.supervisor.SupervisorClaim;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The directory that gitlab-runner has for itself while it runs, and what of it outlasts that: the
 * token, which GitLab may have it change.
 */
final class RunnerHome {
  /** Below a directory that everybody may pass and nobody else may look into. */
  static final Path RUN = SupervisorClaim.RUN_DIRECTORY.resolve("runners");

  private static final String CONFIG = "config.toml";
  private static final String TEMPORARY = "tmp";
  private static final String SYSTEM_ID = ".runner_system_id";
  private static final String TOKEN_PATTERN = "[A-Za-z0-9._-]{8,1024}";

  /** As gitlab-runner itself wants it. */
  private static final String SYSTEM_ID_PATTERN = "[rs]_[0-9a-zA-Z]{12}";

  private final RunnerConfig runner;
  private final Account account;
  private final Path run;
  private final Path kept;
  private final AccountDirectory own;

  /**
   * @param run directory of root's where runners have theirs
   * @param stateDir of the supervisor, where a changed token is kept
   */
  RunnerHome(RunnerConfig runner, Account account, Path run, Path stateDir) {
    this.runner = runner;
    this.account = account;
    this.run = run;
    this.kept = stateDir.resolve("runners").resolve(runner.name());
    this.own = new AccountDirectory(run.resolve(runner.name()), account);
  }

  Account account() {
    return account;
  }

  Path directory() {
    return own.path();
  }

  /** The socket of its hooks. */
  Path socket() {
    return run.resolve(runner.name() + ".sock");
  }

  Path config() {
    return directory().resolve(CONFIG);
  }

  /** Where gitlab-runner makes a directory for each job. */
  Path temporary() {
    return directory().resolve(TEMPORARY);
  }

  /** What is kept of the runner on the host: programs that anybody may run, and files of root's. */
  Path kept() {
    return kept;
  }

  /** Where the pipe for what gitlab-runner prints is. */
  Path output() {
    return kept.resolve("output");
  }

  /**
   * Makes the place of its socket, and that of what is kept; the runner may pass through what is
   * above them of Mayfly's.
   */
  void prepare() throws IOException {
    Files.createDirectories(run);
    Files.createDirectories(
        kept, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
    Path all = parent(kept);
    for (Path passed : List.of(parent(run), run, parent(all), all, kept)) {
      Set<PosixFilePermission> now = EnumSet.copyOf(Files.getPosixFilePermissions(passed));
      if (now.add(PosixFilePermission.OTHERS_EXECUTE)) {
        Files.setPosixFilePermissions(passed, now);
      }
    }
  }

  private static Path parent(Path path) {
    return Objects.requireNonNull(path.getParent());
  }

  /**
   * The hook's program where the runner gets to it: as it is installed, or else a copy.
   *
   * @param installed where it is
   */
  Path reachable(Path installed) throws IOException {
    if (!Files.isExecutable(installed)) {
      throw new IOException(installed + " is missing; install or build Mayfly again");
    }
    if (RunnerTools.isReachable(installed, account)) {
      return installed;
    }
    Path first = hookCopies().getFirst();
    Path copy = RunnerTools.isReachable(first, account) ? first : hookCopies().getLast();
    Files.copy(installed, copy, StandardCopyOption.REPLACE_EXISTING);
    return Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** Below /run last, from which some hosts run no program. */
  private List<Path> hookCopies() {
    return List.of(kept.resolve("mayfly-hook"), run.resolve(runner.name() + ".hook"));
  }

  /** Makes the directory anew, with a configuration that the runner alone can read. */
  void fill(Path hook) throws IOException {
    removeDirectory();
    Map<String, String> files = new LinkedHashMap<>();
    files.put(CONFIG, RunnerToml.of(runner, token(), hook, socket()));
    Path systemId = kept.resolve("system-id");
    if (Files.exists(systemId)) {
      String text = Files.readString(systemId);
      if (text.matches(SYSTEM_ID_PATTERN)) {
        files.put(SYSTEM_ID, text);
      }
    }
    own.make(List.of(TEMPORARY), files);
  }

  /** Who its hooks run as, and root, who may try them. */
  Set<UserPrincipal> users() throws IOException {
    UserPrincipal its =
        run.getFileSystem()
            .getUserPrincipalLookupService()
            .lookupPrincipalByName(Integer.toString(account.uid()));
    return new HashSet<>(List.of(its, UnixListener.self()));
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
    if (!token.matches(TOKEN_PATTERN)) {
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
   *
   * @throws IOException with cause and remedy, where what is there is not what gitlab-runner writes
   */
  void keep() throws IOException {
    Optional<String> now =
        own.read(CONFIG).flatMap(RunnerToml::tokenOf).filter(token -> token.matches(TOKEN_PATTERN));
    if (now.isPresent() && !now.get().equals(token())) {
      write("token", digest(givenToken()) + "\n" + now.get() + "\n");
    }
    Optional<String> systemId = own.read(SYSTEM_ID).map(String::strip);
    if (systemId.isPresent()) {
      if (!systemId.get().matches(SYSTEM_ID_PATTERN)) {
        throw new IOException(
            directory().resolve(SYSTEM_ID)
                + " is not as gitlab-runner writes it (r_ or s_, and twelve letters or digits), so it"
                + " is not kept: GitLab will see another runner manager");
      }
      write("system-id", systemId.get());
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
    for (Path copy : hookCopies()) {
      Files.deleteIfExists(copy);
    }
  }

  /** Removes the place of all runners where nobody has anything there. */
  void leavePlace() throws IOException {
    try {
      Files.deleteIfExists(run);
    } catch (DirectoryNotEmptyException e) {
      return; // Another runner's.
    }
  }

  /** Removes the directory with everything in it. To be called while nothing of the runner runs. */
  void removeDirectory() throws IOException {
    own.remove();
  }
}
