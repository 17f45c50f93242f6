package dev.mayfly.it;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A socket in front of an engine's that passes everything on, but keeps the first request to make a
 * container until it is told to let it through, whether its client still lives or not.
 */
final class EngineProxy implements AutoCloseable {
  private final Path engine;
  private final ServerSocketChannel server;
  private final AtomicBoolean keeping = new AtomicBoolean(true);
  private final CompletableFuture<Void> kept = new CompletableFuture<>();
  private final CompletableFuture<Void> release = new CompletableFuture<>();
  private final CompletableFuture<String> answer = new CompletableFuture<>();

  EngineProxy(Path engine, Path socket) throws IOException {
    this.engine = engine;
    this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread.startVirtualThread(this::accept);
  }

  void awaitKept() {
    kept.join();
  }

  /** Lets the request through and returns the first line of the engine's answer. */
  String release() {
    release.complete(null);
    return answer.orTimeout(Mayfly.LIMIT.toSeconds(), TimeUnit.SECONDS).join();
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = server.accept();
        SocketChannel target = SocketChannel.open(UnixDomainSocketAddress.of(engine));
        AtomicBoolean ours = new AtomicBoolean();
        Thread.startVirtualThread(() -> passRequests(client, target, ours));
        Thread.startVirtualThread(() -> passAnswers(target, client, ours));
      }
    } catch (IOException e) {
      return; // Closed.
    }
  }

  private void passRequests(SocketChannel client, SocketChannel target, AtomicBoolean ours) {
    ByteBuffer bytes = ByteBuffer.allocate(1 << 20);
    try {
      while (client.read(bytes.clear()) >= 0) {
        if (text(bytes).startsWith("POST ")
            && text(bytes).contains("/containers/create?")
            && keeping.compareAndSet(true, false)) {
          ours.set(true);
          int more = 0;
          while (more >= 0 && !isWhole(text(bytes))) {
            more = client.read(bytes);
          }
          kept.complete(null);
          release.join();
        }
        bytes.flip();
        while (bytes.hasRemaining()) {
          target.write(bytes);
        }
        if (ours.get()) {
          return; // Its client is dead: what it may still have to say is that.
        }
      }
      target.close();
    } catch (IOException e) {
      if (ours.get()) {
        answer.completeExceptionally(e);
      }
    }
  }

  /** Whether a request has its JSON to the end, in either way that HTTP/1.1 has for its length. */
  private static boolean isWhole(String request) {
    return request.endsWith("}") || request.endsWith("\r\n0\r\n\r\n");
  }

  private void passAnswers(SocketChannel target, SocketChannel client, AtomicBoolean ours) {
    ByteBuffer bytes = ByteBuffer.allocate(1 << 16);
    try (target;
        client) {
      while (target.read(bytes.clear()) >= 0) {
        if (ours.get()) {
          answer.complete(text(bytes).lines().findFirst().orElseThrow());
          return;
        }
        bytes.flip();
        while (bytes.hasRemaining()) {
          client.write(bytes);
        }
      }
    } catch (IOException e) {
      return; // One of both hung up.
    }
  }

  private static String text(ByteBuffer read) {
    return StandardCharsets.ISO_8859_1.decode(read.duplicate().flip()).toString();
  }

  @Override
  public void close() throws IOException {
    release.complete(null);
    server.close();
  }
}
