package dev.mayfly.it;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * One bucket of an object store with the protocol of S3, for presigned addresses only: it takes and
 * gives an object where the address is signed for that, and says to everybody else what S3 says.
 */
final class ObjectStore implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final PresignedRequest.Key key;
  private final String bucket;
  private final Map<String, byte[]> objects = new ConcurrentHashMap<>();
  private final Queue<String> refusals = new ConcurrentLinkedQueue<>();

  private ObjectStore(HttpServer server, String bucket, PresignedRequest.Key key) {
    this.server = server;
    this.bucket = bucket;
    this.key = key;
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /**
   * Starts one.
   *
   * @param address where it listens; port 0 for any that is free
   */
  static ObjectStore start(InetSocketAddress address, String bucket, PresignedRequest.Key key)
      throws IOException {
    return new ObjectStore(HttpServer.create(address, 0), bucket, key);
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** The names of all objects. */
  Set<String> objects() {
    return new TreeSet<>(objects.keySet());
  }

  /** Requests that were signed wrongly, or not at all. */
  Set<String> refusals() {
    return new TreeSet<>(refusals);
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      String method = exchange.getRequestMethod();
      Optional<String> objection =
          PresignedRequest.of(
                  method,
                  exchange.getRequestURI(),
                  Map.of("host", header(exchange, "Host")),
                  header(exchange, "Authorization"))
              .objection(key, Clock.systemUTC().instant());
      String path = exchange.getRequestURI().getPath();
      if (objection.isPresent()) {
        refusals.add(method + " " + path + ": " + objection.get());
        answer(exchange, 403, objection.get());
      } else if (!path.startsWith("/" + bucket + "/")) {
        answer(exchange, 404, "NoSuchBucket");
      } else {
        serve(exchange, method, path.substring(bucket.length() + 2), body);
      }
    }
  }

  private void serve(HttpExchange exchange, String method, String name, byte[] body)
      throws IOException {
    switch (method) {
      case "PUT" -> {
        objects.put(name, body);
        exchange.sendResponseHeaders(200, -1);
      }
      case "GET" -> {
        byte[] content = objects.get(name);
        if (content == null) {
          answer(exchange, 404, "NoSuchKey");
        } else {
          exchange.sendResponseHeaders(200, content.length);
          exchange.getResponseBody().write(content);
        }
      }
      default -> answer(exchange, 405, "MethodNotAllowed");
    }
  }

  private static String header(HttpExchange exchange, String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  private static void answer(HttpExchange exchange, int status, String code) throws IOException {
    byte[] text = "<Error><Code>%s</Code></Error>".formatted(code).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/xml");
    exchange.sendResponseHeaders(status, text.length);
    exchange.getResponseBody().write(text);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
