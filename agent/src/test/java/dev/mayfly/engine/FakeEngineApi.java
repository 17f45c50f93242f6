package dev.mayfly.engine;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** The Engine API on a Unix socket, as far as it was told; never answers any other question. */
final class FakeEngineApi implements AutoCloseable {
  private static final String VERSION = "/version";

  private final ServerSocketChannel server;
  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final Set<String> unfinished = ConcurrentHashMap.newKeySet();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final Set<SocketChannel> clients = ConcurrentHashMap.newKeySet();

  FakeEngineApi(Path socket) throws IOException {
    answers.put(VERSION, "{\"Version\":\"20.10\",\"Components\":[]}");
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread.ofVirtual().start(this::accept);
  }

  /** Lets it answer requests for this path, whatever their query, with this JSON. */
  FakeEngineApi answering(String path, String json) {
    answers.put(path, json);
    return this;
  }

  /** Lets it begin such an answer, of which more never comes. */
  FakeEngineApi beginning(String path, String begin) {
    unfinished.add(path);
    return answering(path, begin);
  }

  /** The targets of the requests, without the one for the version. */
  List<String> requests() {
    return requests.stream().filter(target -> !target.equals(VERSION)).toList();
  }

  private void accept() {
    try {
      while (true) {
        SocketChannel client = server.accept();
        clients.add(client);
        Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (IOException e) {
      return; // Closed.
    }
  }

  private void serve(SocketChannel client) {
    try (client;
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(
                    Channels.newInputStream(client), StandardCharsets.ISO_8859_1))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        String target = line.split(" ", -1)[1];
        while (!line.isEmpty()) {
          line = in.readLine();
        }
        requests.add(target);
        String path = target.replaceFirst("\\?.*", "");
        String answer = answers.get(path);
        if (answer != null) {
          byte[] body = answer.getBytes(StandardCharsets.UTF_8);
          String head =
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                  + (unfinished.contains(path) ? Integer.MAX_VALUE : body.length)
                  + "\r\n\r\n";
          client.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.ISO_8859_1)));
          client.write(ByteBuffer.wrap(body));
        }
      }
    } catch (IOException e) {
      return; // The client hung up.
    }
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (SocketChannel client : clients) {
      client.close();
    }
  }
}
