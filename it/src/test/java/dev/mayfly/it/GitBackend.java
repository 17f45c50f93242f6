package dev.mayfly.it;

import com.sun.net.httpserver.HttpExchange;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Serves repositories for reading, to whom has the token of a job, through git http-backend. */
final class GitBackend {
  private final Path repositories;
  private final Predicate<String> token;
  private final Consumer<String> violation;

  /**
   * For a directory.
   *
   * @param token whether somebody who gives this one may read
   */
  GitBackend(Path repositories, Predicate<String> token, Consumer<String> violation) {
    this.repositories = repositories;
    this.token = token;
    this.violation = violation;
  }

  /**
   * Makes a bare repository whose one commit has a file {@code hello}.
   *
   * @return the commit's id
   */
  static String makeRepository(Path bare) throws IOException, InterruptedException {
    Path work = Files.createTempDirectory("mayfly-git");
    Process process =
        new ProcessBuilder(
                "sh",
                "-c",
                """
                set -e
                export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@localhost
                export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@localhost
                git init -q -b main work && cd work
                echo hello there >hello && git add hello && git commit -q -m first
                mkdir -p "$1" && git clone -q --bare . "$1"
                git rev-parse HEAD
                cd / && rm -r "$2"
                """,
                "sh",
                bare.toString(),
                work.toString())
            .directory(work.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("no repository could be made in " + bare);
    }
    return output.strip();
  }

  void handle(HttpExchange exchange) throws IOException {
    String authorization = exchange.getRequestHeaders().getFirst("Authorization");
    if (authorization == null) {
      // As git asks first.
      refuse(exchange);
    } else if (!isOfJob(authorization)) {
      violation.accept(exchange.getRequestURI() + " with credentials of no running job");
      refuse(exchange);
    } else {
      serve(exchange);
    }
  }

  private static void refuse(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().readAllBytes();
    exchange.getResponseHeaders().set("WWW-Authenticate", "Basic realm=\"GitLab\"");
    exchange.sendResponseHeaders(401, -1);
  }

  private boolean isOfJob(String authorization) {
    String prefix = "Basic ";
    if (!authorization.startsWith(prefix)) {
      return false;
    }
    String pair =
        new String(
            Base64.getDecoder().decode(authorization.substring(prefix.length())),
            StandardCharsets.UTF_8);
    String user = "gitlab-ci-token:";
    return pair.startsWith(user) && token.test(pair.substring(user.length()));
  }

  private void serve(HttpExchange exchange) throws IOException {
    Process backend = start(exchange);
    CompletableFuture<Void> request =
        CompletableFuture.runAsync(
            () -> pass(exchange.getRequestBody(), backend.getOutputStream()),
            task -> Thread.ofPlatform().daemon().start(task));
    InputStream answer = new BufferedInputStream(backend.getInputStream());
    int status = 200;
    for (String line = line(answer); !line.isEmpty(); line = line(answer)) {
      int colon = line.indexOf(": ");
      String value = line.substring(colon + 2);
      if (line.startsWith("Status: ")) {
        status = Integer.parseInt(value.substring(0, 3));
      } else {
        exchange.getResponseHeaders().set(line.substring(0, colon), value);
      }
    }
    exchange.sendResponseHeaders(status, 0);
    answer.transferTo(exchange.getResponseBody());
    request.join();
  }

  private Process start(HttpExchange exchange) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder("git", "http-backend").redirectError(ProcessBuilder.Redirect.INHERIT);
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("GIT_") || name.startsWith("HTTP_"));
    environment.put("GIT_PROJECT_ROOT", repositories.toString());
    environment.put("GIT_HTTP_EXPORT_ALL", "1");
    environment.put("GIT_CONFIG_NOSYSTEM", "1");
    environment.put("GIT_CONFIG_GLOBAL", "/dev/null");
    environment.put("PATH_INFO", exchange.getRequestURI().getPath());
    put(environment, "QUERY_STRING", exchange.getRequestURI().getRawQuery());
    environment.put("REQUEST_METHOD", exchange.getRequestMethod());
    put(environment, "CONTENT_TYPE", exchange.getRequestHeaders().getFirst("Content-Type"));
    put(
        environment,
        "HTTP_CONTENT_ENCODING",
        exchange.getRequestHeaders().getFirst("Content-Encoding"));
    put(environment, "GIT_PROTOCOL", exchange.getRequestHeaders().getFirst("Git-Protocol"));
    return builder.start();
  }

  private static void put(Map<String, String> environment, String name, @Nullable String value) {
    if (value != null) {
      environment.put(name, value);
    }
  }

  private static void pass(InputStream from, OutputStream to) {
    try (to) {
      from.transferTo(to);
    } catch (IOException e) {
      return; // The backend did not want all of it.
    }
  }

  private static String line(InputStream stream) throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int next = stream.read(); next >= 0 && next != '\n'; next = stream.read()) {
      if (next != '\r') {
        line.write(next);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }
}
