package dev.mayfly.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class UnixListenerTest {
  private static final UnixListener.Access OWNER = new UnixListener.Access.OwnerOnly();

  private final Path directory;
  private final Path socket;
  private final Path lock;

  UnixListenerTest(@TempDir Path directory) {
    this.directory = directory;
    this.socket = directory.resolve("a.sock");
    this.lock = directory.resolve("a.sock.lock");
  }

  private SocketChannel connect() throws IOException {
    return SocketChannel.open(UnixDomainSocketAddress.of(socket));
  }

  private String permissions() throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(socket));
  }

  @Test
  void takesClientsAndLeavesNothing() throws IOException {
    try (UnixListener listener = UnixListener.open(socket, OWNER)) {
      assertThat(listener.socket()).isEqualTo(socket);
      assertThat(permissions()).isEqualTo("rw-------");
      try (SocketChannel client = connect();
          SocketChannel accepted = listener.accept()) {
        assertThat(client.isConnected()).isTrue();
        assertThatCode(() -> UnixListener.refuseStrangers(accepted, Set.of(UnixListener.self())))
            .doesNotThrowAnyException();
      }
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void letsAGroupIn() throws IOException {
    int gid = (int) Files.getAttribute(directory, "unix:gid");
    try (UnixListener _ = UnixListener.open(socket, new UnixListener.Access.Group(gid))) {
      assertThat(permissions()).isEqualTo("rw-rw----");
      assertThat(Files.getAttribute(socket, "unix:gid", LinkOption.NOFOLLOW_LINKS)).isEqualTo(gid);
    }
  }

  @Test
  void refusesUsersThatAreNotServed() throws IOException {
    UserPrincipal nobody =
        FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
    try (UnixListener listener = UnixListener.open(socket, OWNER);
        SocketChannel _ = connect();
        SocketChannel accepted = listener.accept()) {
      assertThatThrownBy(() -> UnixListener.refuseStrangers(accepted, Set.of(nobody)))
          .isInstanceOf(IOException.class)
          .hasMessage(
              "user " + UnixListener.self() + " may not ask this supervisor, only [nobody] may");
    }
  }

  @Test
  void knowsWhomThisProcessRunsAs() throws IOException {
    Path file = Files.createFile(directory.resolve("own"));
    assertThat(UnixListener.self()).isEqualTo(Files.getOwner(file));
  }

  @Test
  void leavesASocketAloneWhoseOwnerLives() throws IOException {
    try (UnixListener listener = UnixListener.open(socket, OWNER)) {
      assertThatThrownBy(() -> UnixListener.open(socket, OWNER))
          .isInstanceOf(IOException.class)
          .hasMessage("a supervisor that listens on " + socket + " runs already; stop it first");
      try (SocketChannel _ = connect();
          SocketChannel accepted = listener.accept()) {
        assertThat(accepted.isOpen()).isTrue();
      }
    }
  }

  @Test
  void replacesASocketThatADeadOneLeft() throws IOException {
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    Files.createDirectory(lock);
    try (UnixListener listener = UnixListener.open(socket, OWNER);
        SocketChannel _ = connect();
        SocketChannel accepted = listener.accept()) {
      assertThat(accepted.isOpen()).isTrue();
    }
  }

  @Test
  void leavesWhatIsNoSocketAlone() throws Exception {
    String message =
        "listen on " + socket + ": there is something that is no socket; name another path";
    Files.writeString(socket, "mine");
    assertThatThrownBy(() -> UnixListener.open(socket, OWNER)).hasMessage(message);
    assertThat(socket).hasContent("mine");
    Files.delete(socket);
    Files.createSymbolicLink(socket, Path.of("elsewhere"));
    assertThatThrownBy(() -> UnixListener.open(socket, OWNER)).hasMessage(message);
    Files.delete(socket);
    assertThat(new ProcessBuilder("mkfifo", socket.toString()).start().waitFor()).isZero();
    assertThatThrownBy(() -> UnixListener.open(socket, OWNER)).hasMessage(message);
    assertThat(lock).doesNotExist();
  }

  @Test
  void leavesNothingWhereItCannotListen() {
    Path tooLong = directory.resolve("a".repeat(108));
    assertThatThrownBy(() -> UnixListener.open(tooLong, OWNER))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("listen on " + tooLong + ": ");
    assertThat(directory).isEmptyDirectory();
  }

  /** No group has this number, and no user may give it away but root. */
  @Test
  void leavesNoSocketThatItsGroupCouldNotBeGiven() throws IOException {
    try {
      UnixListener.open(socket, new UnixListener.Access.Group(-2)).close();
    } catch (IOException e) {
      assertThat(e).hasMessageStartingWith("listen on " + socket + ": ");
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void endsAWaitForClientsOnceNoMoreAreTaken() throws Exception {
    try (UnixListener listener = UnixListener.open(socket, OWNER)) {
      CompletableFuture<Throwable> failure = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  listener.accept().close();
                } catch (IOException e) {
                  failure.complete(e);
                }
              });
      listener.stopAccepting();
      assertThat(failure.get(30, TimeUnit.SECONDS)).isInstanceOf(ClosedChannelException.class);
      assertThatThrownBy(listener::accept).isInstanceOf(ClosedChannelException.class);
      assertThatThrownBy(this::connect).isInstanceOf(IOException.class);
      assertThat(socket).exists();
    }
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void keepsItsPlaceWhenTheSocketIsRemoved() throws IOException {
    try (UnixListener listener = UnixListener.open(socket, OWNER)) {
      listener.remove();
      listener.remove();
      assertThat(socket).doesNotExist();
      assertThatThrownBy(() -> UnixListener.open(socket, OWNER))
          .hasMessageEndingWith("runs already; stop it first");
    }
    assertThat(directory).isEmptyDirectory();
  }
}
