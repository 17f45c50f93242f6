package dev.mayfly.it;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A GitLab for one runner: gives it the jobs that a test offers and holds it to the contract.
 * Whatever it does against that is kept, for the test to assert that there was nothing. Jobs'
 * repositories are served too, to the jobs only.
 */
final class GitLabCoordinator implements AutoCloseable {
  static final String RUNNER_TOKEN = "glrt-0123456789abcdefABCD";

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String API = "/api/v4/";
  private static final Pattern JOB = Pattern.compile("jobs/(\\d{1,18})(/trace|/artifacts)?");
  private static final Pattern RANGE = Pattern.compile("(\\d{1,18})-(\\d{1,18})");

  /** The first version that puts the tokens and a request's id into headers. */
  private static final int WITH_HEADERS = 17;

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final GitBackend repositories;
  private final Duration poll;
  private final BlockingQueue<OfferedJob> pending = new LinkedBlockingQueue<>();
  private final Map<Long, OfferedJob> jobs = new ConcurrentHashMap<>();
  private final Queue<String> violations = new ConcurrentLinkedQueue<>();
  private final Queue<Integer> answersToRequests = new ConcurrentLinkedQueue<>();
  private final AtomicLong lastId = new AtomicLong(1000);
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger mostRunning = new AtomicInteger();
  private volatile int runnerMajor = WITH_HEADERS;
  private volatile @Nullable URI known;

  private GitLabCoordinator(HttpServer server, Path repositories, Duration poll) {
    this.server = server;
    this.poll = poll;
    this.repositories = new GitBackend(repositories, this::isTokenOfRunningJob, this::violation);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /**
   * Starts one.
   *
   * @param address where it listens; port 0 for any that is free
   * @param repositories a directory of bare repositories, {@code group/project.git}; may be empty
   * @param poll how long a request for a job is kept where there is none
   */
  static GitLabCoordinator start(InetSocketAddress address, Path repositories, Duration poll)
      throws IOException {
    return new GitLabCoordinator(HttpServer.create(address, 0), repositories, poll);
  }

  /** On the loopback device. */
  static GitLabCoordinator start(Path repositories) throws IOException {
    return start(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
        repositories,
        Duration.ofSeconds(1));
  }

  URI url() {
    URI other = known;
    if (other != null) {
      return other;
    }
    InetSocketAddress address = server.getAddress();
    return URI.create("http://" + address.getAddress().getHostAddress() + ":" + address.getPort());
  }

  /** Tells runner and jobs another URL than its own, from where somebody passes on to it. */
  void isKnownAs(URI url) {
    known = url;
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** Has the job wait for a runner. */
  OfferedJob offer(GitLabJob job) {
    long id = lastId.incrementAndGet();
    ObjectNode body = job.offered(id, "glcbt-64_" + id + "_0123456789abcdef", url());
    OfferedJob offered = new OfferedJob(body, this::violation);
    jobs.put(id, offered);
    pending.add(offered);
    return offered;
  }

  /** What the runner and the jobs did that no runner and no job does. */
  List<String> violations() {
    return List.copyOf(violations);
  }

  /** How often a job was asked for. */
  int requests() {
    return requests.get();
  }

  /** How many jobs a runner had at once, at most. */
  int mostRunning() {
    return mostRunning.get();
  }

  /**
   * Waits until a runner asks for a job that was started since another one died: who died may have
   * been waiting for one until now, and would be given the next.
   */
  void awaitAnotherRunner() {
    int before = requests();
    GitLabDaemon.await(
        "a request for a job", () -> Optional.of(requests()).filter(now -> now > before));
  }

  /** Answers the next requests for a job with these instead. */
  void answerRequestsWith(Integer... statuses) {
    answersToRequests.addAll(List.of(statuses));
  }

  private void violation(String text) {
    violations.add(text);
  }

  private boolean isTokenOfRunningJob(String token) {
    return jobs.values().stream().anyMatch(job -> job.token().equals(token) && job.isRunning());
  }

  private void handle(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getPath();
    try (exchange) {
      if (path.startsWith(API)) {
        api(exchange, path.substring(API.length()));
      } else {
        repositories.handle(exchange);
      }
    } catch (JsonProcessingException e) {
      refuse(exchange, 400, "no JSON: " + e.getOriginalMessage());
    } catch (RuntimeException e) {
      violation(exchange.getRequestMethod() + " " + path + ": " + e);
      throw e;
    }
  }

  private void api(HttpExchange exchange, String path) throws IOException {
    Matcher job = JOB.matcher(path);
    String call = exchange.getRequestMethod() + " " + job.replaceAll("jobs/:id$2");
    byte[] body = exchange.getRequestBody().readAllBytes();
    switch (call) {
      case "POST jobs/request" -> requestJob(exchange, body);
      case "POST runners/verify" -> verify(exchange, body);
      case "PUT jobs/:id" -> updateJob(exchange, job(job), body);
      case "PATCH jobs/:id/trace" -> patchTrace(exchange, job(job), body);
      case "POST jobs/:id/artifacts" -> storeArtifact(exchange, job(job), body);
      case "GET jobs/:id/artifacts" -> sendArtifact(exchange, job(job));
      default -> refuse(exchange, 404, "there is no such call");
    }
  }

  private OfferedJob job(Matcher path) {
    path.reset().matches();
    OfferedJob job = jobs.get(Long.parseLong(path.group(1)));
    if (job == null) {
      throw new IllegalStateException("no such job was offered");
    }
    return job;
  }

  private void requestJob(HttpExchange exchange, byte[] body) throws IOException {
    requests.incrementAndGet();
    JsonNode request = JSON.readTree(body);
    runnerMajor = major(request.path("info").path("version").asText());
    if (!isFromRunner(exchange, request)) {
      return;
    }
    if (!"custom".equals(request.path("info").path("executor").asText())) {
      violation("jobs/request of the executor " + request.path("info").path("executor"));
    }
    Integer other = answersToRequests.poll();
    if (other != null) {
      exchange.getResponseHeaders().set("Retry-After", "1");
      answer(exchange, other, Map.of());
      return;
    }
    OfferedJob job = next();
    if (job == null) {
      answer(exchange, 204, Map.of("X-GitLab-Last-Update", "0123456789abcdef"));
      return;
    }
    job.take();
    int running = (int) jobs.values().stream().filter(OfferedJob::isRunning).count();
    mostRunning.accumulateAndGet(running, Math::max);
    answerJson(exchange, 201, job.body());
  }

  private @Nullable OfferedJob next() {
    try {
      return pending.poll(poll.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }

  private static int major(String version) {
    Matcher digits = Pattern.compile("^(\\d{1,4})\\.").matcher(version);
    return digits.find() ? Integer.parseInt(digits.group(1)) : WITH_HEADERS;
  }

  private void verify(HttpExchange exchange, byte[] body) throws IOException {
    if (isFromRunner(exchange, JSON.readTree(body))) {
      ObjectNode answer = JSON.createObjectNode().put("id", 1).put("token", RUNNER_TOKEN);
      answerJson(exchange, 200, answer.putNull("token_expires_at"));
    }
  }

  private boolean isFromRunner(HttpExchange exchange, JsonNode body) throws IOException {
    checkJson(exchange);
    boolean right =
        RUNNER_TOKEN.equals(body.path("token").asText())
            && (runnerMajor < WITH_HEADERS
                || RUNNER_TOKEN.equals(header(exchange, "RUNNER-TOKEN")));
    if (!right) {
      refuse(exchange, 403, "the runner's token is not there or another");
    } else if (runnerMajor >= WITH_HEADERS && body.path("system_id").asText().isEmpty()) {
      violation("no system_id in " + exchange.getRequestURI().getPath());
    }
    return right;
  }

  private void checkJson(HttpExchange exchange) {
    if (!header(exchange, "Content-Type").startsWith("application/json")) {
      violation(exchange.getRequestURI() + " as " + header(exchange, "Content-Type"));
    }
    checkRequestId(exchange);
  }

  private void checkRequestId(HttpExchange exchange) {
    if (runnerMajor >= WITH_HEADERS && header(exchange, "X-Request-Id").isEmpty()) {
      violation(exchange.getRequestURI() + " without X-Request-Id");
    }
  }

  private boolean isFromJob(HttpExchange exchange, OfferedJob job) throws IOException {
    checkRequestId(exchange);
    boolean right = job.token().equals(header(exchange, "JOB-TOKEN"));
    if (!right) {
      refuse(exchange, 403, "the job's token is not there or another");
    }
    return right;
  }

  private void updateJob(HttpExchange exchange, OfferedJob job, byte[] body) throws IOException {
    checkJson(exchange);
    JsonNode said = JSON.readTree(body);
    boolean right =
        job.token().equals(said.path("token").asText())
            && (runnerMajor < WITH_HEADERS || job.token().equals(header(exchange, "JOB-TOKEN")));
    if (right) {
      OfferedJob.Answer answer = job.update(said);
      answer(exchange, answer.status(), answer.headers());
    } else {
      refuse(exchange, 403, "the job's token is not there or another");
    }
  }

  private void patchTrace(HttpExchange exchange, OfferedJob job, byte[] body) throws IOException {
    if (!isFromJob(exchange, job)) {
      return;
    }
    Matcher range = RANGE.matcher(header(exchange, "Content-Range"));
    if (!range.matches() || !header(exchange, "Content-Type").startsWith("text/plain")) {
      refuse(exchange, 400, "Content-Range or Content-Type");
      return;
    }
    OfferedJob.Answer answer =
        job.append(Long.parseLong(range.group(1)), Long.parseLong(range.group(2)), body);
    answer(exchange, answer.status(), answer.headers());
  }

  private void storeArtifact(HttpExchange exchange, OfferedJob job, byte[] body)
      throws IOException {
    if (!isFromJob(exchange, job)) {
      return;
    }
    Map<String, String> query = query(exchange);
    String type = query.getOrDefault("artifact_type", "");
    if (type.isEmpty() || !List.of("zip", "gzip", "raw").contains(query.get("artifact_format"))) {
      refuse(exchange, 400, "artifact_type or artifact_format");
      return;
    }
    OfferedJob.Answer answer =
        job.store(type, MultipartForm.file(header(exchange, "Content-Type"), body));
    if (answer.status() == 201) {
      answerJson(exchange, 201, JSON.createObjectNode().put("id", job.id()));
    } else {
      answer(exchange, answer.status(), answer.headers());
    }
  }

  private static Map<String, String> query(HttpExchange exchange) {
    Map<String, String> values = new ConcurrentHashMap<>();
    String query = exchange.getRequestURI().getQuery();
    for (String pair : (query == null ? "" : query).split("&")) {
      int equals = pair.indexOf('=');
      values.put(pair.substring(0, Math.max(equals, 0)), pair.substring(equals + 1));
    }
    return values;
  }

  private void sendArtifact(HttpExchange exchange, OfferedJob job) throws IOException {
    if (!isFromJob(exchange, job)) {
      return;
    }
    if (!job.hasArtifact("archive")) {
      refuse(exchange, 404, "the job has no artifacts");
      return;
    }
    byte[] content = job.artifact("archive");
    exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
    exchange.sendResponseHeaders(200, content.length);
    exchange.getResponseBody().write(content);
  }

  private static String header(HttpExchange exchange, String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  private static void answerJson(HttpExchange exchange, int status, JsonNode body)
      throws IOException {
    byte[] bytes = body.toString().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
  }

  private static void answer(HttpExchange exchange, int status, Map<String, String> headers)
      throws IOException {
    headers.forEach(exchange.getResponseHeaders()::set);
    exchange.sendResponseHeaders(status, -1);
  }

  private void refuse(HttpExchange exchange, int status, String why) throws IOException {
    violation("%s %s: %s".formatted(exchange.getRequestMethod(), exchange.getRequestURI(), why));
    answer(exchange, status, Map.of());
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
