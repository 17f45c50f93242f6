package dev.mayfly.supervisor;

import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.job.Timeline;
import dev.mayfly.sandbox.LaunchException;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.SpawnTooLargeException;
import dev.mayfly.sandbox.Teardown;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The services of one job. Each is a sandbox of its own on the job's network. */
final class Services {
  /** As long as GitLab's own executors wait, {@code wait_for_services_timeout}. */
  static final Duration READY_LIMIT = Duration.ofSeconds(30);

  private static final Duration LOOK_AGAIN = Duration.ofMillis(20);

  private final List<ServiceRequest> requests;
  private final Making making;
  private final Timeline timeline;
  private final Consumer<String> log;
  private final Duration readyLimit;
  private final List<Service> found = new ArrayList<>();
  private List<ServiceResult> results = List.of();

  /** Makes sandboxes. */
  interface Making {
    /**
     * The image of a service.
     *
     * @throws ServiceException where the policy lets it have none of that name, before anybody is
     *     asked for it
     */
    ImageFacts find(ServiceRequest service) throws ServiceException, EngineException;

    /**
     * Makes a sandbox on the job's network.
     *
     * @throws ServiceException where the service gets none
     */
    Sandbox make(ServiceRequest service, ImageFacts image) throws ServiceException, LaunchException;

    /** The ports of TCP that something on the job's network listens on. */
    Set<Integer> listening() throws IOException;

    /**
     * Destroys sandboxes, and what is left of those that could not be made ready.
     *
     * @param made in the order in which they were
     */
    Teardown destroy(List<Sandbox> made);
  }

  /** A service that a job can't have; the message is one line with cause and remedy. */
  static final class ServiceException extends Exception {
    private static final long serialVersionUID = 1L;

    ServiceException(String message) {
      super(message);
    }
  }

  /**
   * @param log takes lines for the job's log
   * @param readyLimit how long they may take until they listen, all together
   */
  Services(
      List<ServiceRequest> requests,
      Making making,
      Timeline timeline,
      Consumer<String> log,
      Duration readyLimit) {
    this.requests = List.copyOf(requests);
    this.making = making;
    this.timeline = timeline;
    this.log = log;
    this.readyLimit = readyLimit;
  }

  /**
   * Starts services, one after another, and waits until each listens, as GitLab's docker executor
   * does: on any port that its image exposes, or on the one that the job names.
   */
  void start() throws ServiceException, EngineException, LaunchException, InterruptedException {
    find();
    for (Service one : found) {
      try (Timeline.Open _ = timeline.span("service " + one.name())) {
        start(one);
      }
    }
    try (Timeline.Open _ = timeline.span("services-ready")) {
      long end = System.nanoTime() + readyLimit.toNanos();
      for (Service one : found) {
        await(one, end);
        one.ended().ifPresent(why -> log.accept("service " + one.name() + " " + why));
      }
    }
  }

  /** Nothing runs before it is known that it can. */
  private void find() throws ServiceException, EngineException {
    Map<Integer, ServiceRequest> ports = new HashMap<>();
    for (ServiceRequest request : requests) {
      Service one = new Service(request, making.find(request));
      found.add(one);
      for (int port : one.image().start().ports()) {
        refuseClash(ports.putIfAbsent(port, request), request, port);
      }
    }
  }

  private static void refuseClash(@Nullable ServiceRequest other, ServiceRequest request, int port)
      throws ServiceException {
    if (other != null) {
      throw new ServiceException(
          "services "
              + other.name()
              + " and "
              + request.name()
              + " both listen on port "
              + port
              + ", and share the job's network: have one of them listen elsewhere");
    }
  }

  private void start(Service one) throws ServiceException, LaunchException, InterruptedException {
    List<byte[]> arguments = one.arguments();
    Sandbox sandbox = making.make(one.request(), one.image());
    one.in(sandbox);
    try {
      one.start(sandbox, arguments);
    } catch (IOException | SpawnTooLargeException e) {
      throw new ServiceException("service " + one.name() + ": " + e.getMessage());
    }
  }

  /** A service that does not listen in time is told of, and the job runs: so it does in GitLab. */
  private void await(Service one, long end) throws ServiceException, InterruptedException {
    List<Integer> ports = one.ports();
    while (!ports.isEmpty()) {
      if (listens(one, ports)) {
        one.ready(true);
        return;
      }
      one.ready(false);
      if (!one.runs(LOOK_AGAIN)) {
        return;
      }
      if (System.nanoTime() - end >= 0) {
        log.accept(
            "service "
                + one.name()
                + (ports.size() == 1
                    ? " does not listen on port "
                    : " listens on none of the ports ")
                + ports.stream().map(String::valueOf).collect(Collectors.joining(", "))
                + " after "
                + readyLimit.toSeconds()
                + " s; the job runs all the same"
                + one.words());
        return;
      }
    }
  }

  private boolean listens(Service one, List<Integer> ports) throws ServiceException {
    try {
      return !Collections.disjoint(making.listening(), ports);
    } catch (IOException e) {
      throw new ServiceException("service " + one.name() + ": " + e.getMessage());
    }
  }

  /** What became of each, once they are destroyed. */
  List<ServiceResult> results() {
    return results;
  }

  private List<ServiceResult> resultsNow() {
    return Stream.concat(
            found.stream().map(Service::result),
            requests.stream().skip(found.size()).map(Services::notFound))
        .toList();
  }

  private static ServiceResult notFound(ServiceRequest request) {
    return new ServiceResult(
        request.name(),
        request.image(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        ServiceResult.End.REFUSED,
        Optional.empty());
  }

  /** Destroys all of them. */
  Teardown destroy() {
    if (results.isEmpty()) {
      results = resultsNow(); // Whatever is seen of them later, it is this that ended them.
    }
    return making.destroy(found.stream().flatMap(one -> one.sandbox().stream()).toList());
  }
}
