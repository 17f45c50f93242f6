package dev.mayfly.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.flow.OutputPump;
import dev.mayfly.supervisor.JobControl;
import dev.mayfly.supervisor.JobStreams;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Client and server on a real socket, with a handler that runs no sandbox. */
@Timeout(60)
final class ControlSocketTest {
  private static final ExecRequest REQUEST =
      new ExecRequest(
          "exec-1",
          "default",
          null,
          List.of(new byte[] {(byte) 0xff}),
          List.of("A=1".getBytes(StandardCharsets.UTF_8)),
          null,
          null,
          null,
          null,
          null);

  private final Path socket;
  private final BlockingQueue<String> log = new LinkedBlockingQueue<>();
  private @Nullable ControlServer server;

  ControlSocketTest(@TempDir Path directory) {
    this.socket = directory.resolve("mayfly.sock");
  }

  private void serve(ExecHandler handler) throws IOException {
    ControlServer opened =
        ControlServer.open(socket, new ControlServer.Service(handler, "0", log::add));
    server = opened;
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                opened.serve();
              } catch (IOException e) {
                log.add("serve: " + e);
              }
            });
  }

  @AfterEach
  void leavesNoFile() throws IOException {
    ControlServer running = server;
    if (running != null) {
      running.close();
    }
    assertThat(socket).doesNotExist();
    assertThat(socket.resolveSibling("mayfly.sock.lock")).doesNotExist();
  }

  private ControlClient connect() throws IOException {
    return ControlClient.connect(socket).orElseThrow();
  }

  private static JobStreams streams(
      InputStream stdin, OutputStream stdout, OutputStream stderr, List<String> messages) {
    return new JobStreams(stdin, stdout, stderr, messages::add);
  }

  @Test
  void carriesRequestStreamsMessagesAndExitCode() throws IOException, InterruptedException {
    BlockingQueue<ExecRequest> asked = new LinkedBlockingQueue<>();
    serve(
        (request, streams, _) -> {
          asked.add(request);
          streams.messages().accept("a message");
          copy(streams.stdin(), streams.stdout());
          print(streams.stderr(), "errors");
          return 42;
        });
    byte[] input = new byte[3 << 20];
    new Random(3).nextBytes(input);
    ByteArrayOutputStream stdout = new ByteArrayOutputStream();
    ByteArrayOutputStream stderr = new ByteArrayOutputStream();
    List<String> messages = new CopyOnWriteArrayList<>();

    int code;
    try (ControlClient client = connect()) {
      code =
          client.exec(REQUEST, streams(new ByteArrayInputStream(input), stdout, stderr, messages));
    }

    assertThat(code).isEqualTo(42);
    assertThat(stdout.toByteArray()).isEqualTo(input);
    assertThat(stderr.toString(StandardCharsets.UTF_8)).isEqualTo("errors");
    assertThat(messages).containsExactly("a message");
    assertThat(asked.take()).usingRecursiveComparison().isEqualTo(REQUEST);
  }

  @Test
  void letsStandardErrorPassWhileNobodyReadsStandardOutput()
      throws IOException, InterruptedException {
    CountDownLatch errorsRead = new CountDownLatch(1);
    serve(
        (_, streams, _) -> {
          CompletableFuture<Void> flood =
              CompletableFuture.runAsync(() -> print(streams.stdout(), "x".repeat(4 << 20)));
          print(streams.stderr(), "e");
          flood.join();
          return 0;
        });
    OutputStream stuckUntilErrorsRead =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
          }

          @Override
          public void write(byte[] bytes, int offset, int length) {
            await(errorsRead);
          }
        };
    OutputStream errors =
        new OutputStream() {
          @Override
          public void write(int b) {
            errorsRead.countDown();
          }
        };

    try (ControlClient client = connect()) {
      assertThat(
              client.exec(
                  REQUEST,
                  streams(InputStream.nullInputStream(), stuckUntilErrorsRead, errors, List.of())))
          .isZero();
    }
  }

  @Test
  void tellsTheJobThatItsReaderIsGone() throws IOException, InterruptedException {
    BlockingQueue<String> failure = new LinkedBlockingQueue<>();
    serve(
        (_, streams, _) -> {
          try {
            while (true) {
              streams.stdout().write(new byte[1000]);
            }
          } catch (IOException e) {
            failure.add(String.valueOf(e.getMessage()));
            return 141;
          }
        });
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };

    try (ControlClient client = connect()) {
      assertThat(
              client.exec(
                  REQUEST,
                  streams(
                      InputStream.nullInputStream(),
                      closed,
                      OutputStream.nullOutputStream(),
                      List.of())))
          .isEqualTo(141);
    }

    assertThat(failure.take()).contains(OutputPump.READER_GONE);
  }

  @Test
  void endsTheJobOfAClientThatWentAway() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    BlockingQueue<Integer> cancelled = new LinkedBlockingQueue<>();
    serve(
        (_, _, control) -> {
          running.countDown();
          cancelled.add(awaitCancel(control));
          return 129;
        });
    ControlClient client = connect();
    Thread.ofVirtual().start(() -> execUntilClosed(client));
    running.await();

    client.close();

    assertThat(cancelled.poll(30, TimeUnit.SECONDS)).isEqualTo(1);
  }

  @Test
  void endsRunningJobsWhenItIsClosedAndTellsTheirClients() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    serve(
        (_, _, control) -> {
          running.countDown();
          return 128 + awaitCancel(control);
        });
    CompletableFuture<Integer> code = new CompletableFuture<>();
    try (ControlClient client = connect()) {
      Thread.ofVirtual().start(() -> code.complete(execUntilClosed(client)));
      running.await();

      Objects.requireNonNull(server).close();

      assertThat(code.get(30, TimeUnit.SECONDS)).isEqualTo(143);
    }
  }

  @Test
  void hangsUpAtOnceOnAClientThatHasAskedForNothingWhenItIsClosed() throws Exception {
    serve((_, _, _) -> 0);
    try (SocketChannel idle = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      ControlConnection connection = new ControlConnection(idle);
      assertThat(connection.receive()).isInstanceOf(ControlFrame.Hello.class);

      CompletableFuture<Void> closing =
          CompletableFuture.runAsync(this::closeServer, Thread::startVirtualThread);

      assertThatThrownBy(connection::receive).isInstanceOf(IOException.class);
      assertThat(closing).succeedsWithin(Duration.ofSeconds(20));
    }
  }

  /** Many times, because what it is about lasts some microseconds. */
  @Test
  void runsNoJobOnceItIsClosed() throws Exception {
    for (int i = 0; i < 200; i++) {
      AtomicInteger running = new AtomicInteger();
      serve(
          (_, _, control) -> {
            running.incrementAndGet();
            awaitCancel(control);
            running.decrementAndGet();
            return 0;
          });
      try (ControlClient client = connect()) {
        Thread asking = Thread.ofVirtual().start(() -> execUntilClosed(client));

        closeServer();

        assertThat(running).hasValue(0);
        asking.join();
        assertThat(running).hasValue(0);
      }
    }
  }

  private void closeServer() {
    try {
      Objects.requireNonNull(server).close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void refusesASecondServerOnOneSocket() throws IOException {
    serve((_, _, _) -> 0);

    assertThatThrownBy(
            () ->
                ControlServer.open(
                    socket, new ControlServer.Service((_, _, _) -> 0, "0", log::add)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("runs already; stop it first");
  }

  @Test
  void replacesTheSocketOfADeadServer() throws IOException, InterruptedException {
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    assertThat(socket).exists();
    assertThat(ControlClient.connect(socket)).isEmpty();

    serve((_, _, _) -> 7);

    try (ControlClient client = connect()) {
      assertThat(execUntilClosed(client)).isEqualTo(7);
    }
  }

  @Test
  void keepsOthersFromConnecting() throws IOException {
    serve((_, _, _) -> 0);

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
        .isEqualTo("rw-------");
  }

  @Test
  void leavesAFileAloneThatIsNoSocket() throws IOException {
    Files.writeString(socket, "mine");

    assertThatThrownBy(() -> serve((_, _, _) -> 0))
        .hasMessage(
            "listen on " + socket + ": there is something that is no socket; name another path");
    assertThat(socket).hasContent("mine");
    Files.delete(socket);
  }

  @Test
  void hangsUpOnWhatIsNotTheProtocol() throws IOException, InterruptedException {
    serve((_, _, _) -> 0);
    try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      client.write(ByteBuffer.wrap("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));

      assertThat(log.poll(30, TimeUnit.SECONDS)).contains("not the control protocol");
    }
  }

  @Test
  void refusesARequestWithoutAPolicy() throws IOException, InterruptedException {
    serve((_, _, _) -> 0);
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      new ControlConnection(channel)
          .send(new ControlFrame.Exec("{\"job\":\"x\"}".getBytes(StandardCharsets.UTF_8)));

      assertThat(log.poll(30, TimeUnit.SECONDS)).contains("not the control protocol", "policy");
    }
  }

  @Test
  void saysSoWhenTheServerDies() throws Exception {
    try (ServerSocketChannel dying = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dying.bind(UnixDomainSocketAddress.of(socket));
      Thread.ofVirtual()
          .start(
              () -> {
                try (SocketChannel accepted = dying.accept()) {
                  new ControlConnection(accepted)
                      .send(new ControlFrame.Hello(ControlFrame.VERSION, "0"));
                } catch (IOException e) {
                  log.add(e.toString());
                }
              });
      try (ControlClient client = connect()) {
        assertThatThrownBy(
                () ->
                    client.exec(
                        REQUEST,
                        streams(
                            InputStream.nullInputStream(),
                            OutputStream.nullOutputStream(),
                            OutputStream.nullOutputStream(),
                            List.of())))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("the supervisor ended while the job ran");
      }
    } finally {
      Files.delete(socket);
    }
  }

  private static int execUntilClosed(ControlClient client) {
    try {
      return client.exec(
          REQUEST,
          streams(
              InputStream.nullInputStream(),
              OutputStream.nullOutputStream(),
              OutputStream.nullOutputStream(),
              List.of()));
    } catch (IOException | InterruptedException e) {
      return -1;
    }
  }

  private static int awaitCancel(JobControl control) {
    return control.cancelled().join();
  }

  private static void copy(InputStream from, OutputStream to) {
    try {
      from.transferTo(to);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void print(OutputStream to, String text) {
    try {
      to.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
