package dev.mayfly.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Debian's docker-registry on the loopback device. It lets one user in. */
final class LoginRegistry implements AutoCloseable {
  static final String USER = "robot";
  static final String PASSWORD = "right-0123";

  /** What {@code htpasswd -nbB robot right-0123} makes. */
  private static final String USERS =
      "robot:$2b$04$fd.5h8XnbxIW5xq8w2m77uxAELoEgg9uehafFnHpaCqYl1ugd9y/2\n";

  /** A whole image: busybox, with a name for each of its programs. */
  private static final String SMALL_IMAGE =
      """
      set -e
      cd "$1"
      mkdir -p root/bin root/etc root/tmp root/usr
      cp /bin/busybox root/bin/
      for name in $(/bin/busybox --list); do
        test "$name" = busybox || ln -s busybox "root/bin/$name"
      done
      echo 'root:x:0:0:root:/:/bin/sh' >root/etc/passwd
      echo 'root:x:0:' >root/etc/group
      tar -C root -cf root.tar .
      """;

  private final Path directory;
  private final String host;
  private final Process process;

  private LoginRegistry(Path directory, String host, Process process) {
    this.directory = directory;
    this.host = host;
    this.process = process;
  }

  /**
   * Starts it.
   *
   * @param directory an empty one
   */
  static LoginRegistry start(Path directory) throws IOException {
    Path users = Files.writeString(directory.resolve("htpasswd"), USERS);
    int port = freePort();
    String host = "127.0.0.1:" + port;
    Path config =
        Files.writeString(
            directory.resolve("config.yml"),
            """
            version: 0.1
            log: {level: error}
            storage: {filesystem: {rootdirectory: %s}}
            http: {addr: '%s', secret: shared-with-nobody}
            auth: {htpasswd: {realm: tests, path: %s}}
            """
                .formatted(directory.resolve("data"), host, users));
    Path program = Site.corpus().resolve("docker-registry/usr/bin/docker-registry");
    Path log = directory.resolve("log");
    Process process =
        new ProcessBuilder(program.toString(), "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    GitLabDaemon.await("a registry on " + host, () -> listens(process, port, log));
    return new LoginRegistry(directory, host, process);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Optional<Boolean> listens(Process process, int port, Path log) {
    if (!process.isAlive()) {
      throw new AssertionError("the registry has ended: see " + log);
    }
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      return Optional.of(true);
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** As images and logins name it. */
  String host() {
    return host;
  }

  /**
   * Puts a small image there that the engine does not keep.
   *
   * @param repository such as {@code acme/tools}
   * @return the image's name
   */
  String push(String repository) throws IOException, InterruptedException {
    String image = host + "/" + repository + ":1";
    Process maker =
        new ProcessBuilder("sh", "-c", SMALL_IMAGE, "sh", directory.toString()).inheritIO().start();
    if (maker.waitFor() != 0) {
      throw new AssertionError("no image could be made in " + directory);
    }
    String client = directory.resolve("client").toString();
    EngineClient.docker("import", directory.resolve("root.tar").toString(), image);
    try {
      EngineClient.docker("--config", client, "login", "-u", USER, "-p", PASSWORD, host);
      EngineClient.docker("--config", client, "push", image);
    } finally {
      EngineClient.docker("rmi", image);
    }
    return image;
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
