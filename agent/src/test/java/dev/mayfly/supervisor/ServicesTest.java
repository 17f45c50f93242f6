package dev.mayfly.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.ImageFacts;
import dev.mayfly.job.Span;
import dev.mayfly.job.Timeline;
import dev.mayfly.policy.ImageReference;
import dev.mayfly.policy.Policy;
import dev.mayfly.sandbox.SampleSandbox;
import dev.mayfly.sandbox.Sandbox;
import dev.mayfly.sandbox.Teardown;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Services in sandboxes whose PID 1 is played. */
@Timeout(60)
final class ServicesTest {
  private static final OptionalInt RUNS = OptionalInt.empty();
  private static final Duration LONG = Duration.ofSeconds(30);

  private final Map<String, ImageFacts> images = new HashMap<>();
  private final Map<String, OptionalInt> programs = new HashMap<>();
  private final List<String> steps = new ArrayList<>();
  private final List<Sandbox> made = new ArrayList<>();
  private final List<Sandbox> destroyed = new ArrayList<>();
  private final List<String> log = new ArrayList<>();
  private final Timeline timeline = new Timeline();
  private final Set<Integer> listening = ConcurrentHashMap.newKeySet();
  private final AtomicInteger looks = new AtomicInteger();
  private Runnable onLook = () -> {};
  private Consumer<SampleSandbox> onMade = _ -> {};

  private final class Made implements Services.Making {
    @Override
    public ImageFacts find(ServiceRequest service) throws EngineException {
      ImageFacts image = images.get(service.image().toString());
      if (image == null) {
        throw new EngineException.Missing("find image", "x", "there is none", "make it", null);
      }
      steps.add("find " + service.image());
      return image;
    }

    @Override
    public Sandbox make(ServiceRequest service, ImageFacts image) throws Services.ServiceException {
      steps.add("make " + service.image());
      if (service.image().name().equals("refused")) {
        throw new Services.ServiceException("no sandbox");
      }
      try {
        SampleSandbox sample =
            SampleSandbox.of(
                Policy.DEFAULT,
                image,
                arguments -> programs.getOrDefault(arguments.getFirst(), OptionalInt.of(0)));
        onMade.accept(sample);
        Sandbox sandbox = sample.sandbox();
        made.add(sandbox);
        if (service.image().name().equals("lost")) {
          sandbox.channel().close();
        }
        return sandbox;
      } catch (IOException | EngineException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public Set<Integer> listening() {
      looks.incrementAndGet();
      onLook.run();
      return Set.copyOf(listening);
    }

    @Override
    public Teardown destroy(List<Sandbox> all) {
      destroyed.addAll(all);
      return SampleResult.CLEAN;
    }
  }

  private ServiceRequest service(String name, OptionalInt ends, Integer... ports) {
    images.put(
        name,
        new ImageFacts(
            "sha256:" + name,
            List.of(),
            "",
            Set.of(),
            new ImageFacts.Start(List.of(), List.of(name + "d"), List.of(ports))));
    programs.put(name + "d", ends);
    return request(name, Optional.empty());
  }

  private static ServiceRequest request(String name, Optional<Integer> port) {
    return new ServiceRequest(
        ImageReference.parse(name),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        List.of(name + "-alias"),
        List.of(),
        port);
  }

  private Services services(Duration limit, ServiceRequest... requests) {
    return new Services(List.of(requests), new Made(), timeline, log::add, limit);
  }

  private static ServiceResult result(Services services, int index) {
    services.destroy();
    return services.results().get(index);
  }

  @Test
  void startEachBeforeTheyWaitForAny() throws Exception {
    ServiceRequest web = service("web", RUNS, 80);
    ServiceRequest db = service("db", RUNS, 5432);
    onLook =
        () -> {
          assertThat(made).as("before the first look").hasSize(2);
          listening.addAll(looks.get() > 3 ? Set.of(80, 5432) : Set.of(5432));
        };
    Services services = services(LONG, web, db);
    services.start();
    assertThat(steps).containsExactly("find web", "find db", "make web", "make db");
    assertThat(timeline.spans().stream().map(Span::name))
        .containsExactlyInAnyOrder(
            "service web-alias (web)", "service db-alias (db)", "services-ready");
    assertThat(log).isEmpty();
    assertThat(result(services, 0).ready()).contains(true);
    assertThat(services.results())
        .extracting(ServiceResult::end)
        .containsOnly(ServiceResult.End.WITH_JOB);
    assertThat(destroyed).isEqualTo(made);
  }

  @Test
  void areReadyWhenOneOfTheirPortsIsListenedOn() throws Exception {
    onLook =
        () -> {
          if (looks.get() == 3) {
            listening.add(33060);
          }
        };
    services(LONG, service("db", RUNS, 3306, 33060)).start();
    assertThat(looks.get()).isEqualTo(3);
    assertThat(log).isEmpty();
  }

  @Test
  void areReadyWhenThePortThatTheJobNamesIs() throws Exception {
    service("db", RUNS, 3306, 33060);
    listening.add(3306);
    onLook =
        () -> {
          if (looks.get() == 4) {
            listening.add(9999);
          }
        };
    services(LONG, request("db", Optional.of(9999))).start();
    assertThat(looks.get()).isEqualTo(4);
  }

  @Test
  void areNotWaitedForWhereNoPortTells() throws Exception {
    Services services = services(LONG, service("worker", RUNS));
    services.start();
    assertThat(looks.get()).isZero();
    assertThat(result(services, 0))
        .isEqualTo(
            new ServiceResult(
                "worker-alias (worker)",
                ImageReference.parse("worker"),
                Optional.of("sha256:worker"),
                Optional.of(made.getFirst().plan().id()),
                Optional.empty(),
                ServiceResult.End.WITH_JOB,
                Optional.empty()));
  }

  @Test
  void areNotWaitedForWithoutEnd() throws Exception {
    Services services =
        services(Duration.ZERO, service("web", RUNS, 80, 443), service("db", RUNS, 5432));
    services.start();
    assertThat(log)
        .containsExactly(
            "service web-alias (web) listens on none of the ports 80, 443 after 0 s; the job runs"
                + " all the same",
            "service db-alias (db) does not listen on port 5432 after 0 s; the job runs all the"
                + " same");
    assertThat(result(services, 0).ready()).contains(false);
    assertThat(services.results().getFirst().end()).isEqualTo(ServiceResult.End.WITH_JOB);
  }

  @Test
  void areNotWaitedForOnceTheirProgramEnded() throws Exception {
    Services services = services(LONG, service("db", OptionalInt.of(4), 5432));
    services.start();
    assertThat(log).containsExactly("service db-alias (db) ended with 4");
    assertThat(result(services, 0).ready()).contains(false);
    assertThat(services.results().getFirst().end()).isEqualTo(ServiceResult.End.EXITED);
    assertThat(services.results().getFirst().exitCode()).contains(4);
  }

  private static boolean awaitsOutput(Thread thread) {
    return Arrays.stream(thread.getStackTrace())
        .anyMatch(frame -> frame.getMethodName().equals("awaitOutput"));
  }

  /** Its output is another stream than its end, and comes when that is known. */
  @Test
  void tellTheLastThatWasSaidWhereThatComesAfterTheEnd() throws Exception {
    Thread starting = Thread.currentThread();
    AtomicBoolean over = new AtomicBoolean();
    onMade =
        sample ->
            Thread.ofPlatform()
                .daemon()
                .start(
                    () -> {
                      while (!over.get() && !awaitsOutput(starting)) {
                        Thread.onSpinWait();
                      }
                      sample.says("no data directory");
                    });
    services(LONG, service("db", OptionalInt.of(SampleSandbox.TALKS_LATER), 5432)).start();
    over.set(true);
    assertThat(log)
        .containsExactly("service db-alias (db) ended with 0; it said last: no data directory");
  }

  @Test
  void sayWhenThereIsNoSuchProgram() throws Exception {
    Services services = services(LONG, service("db", OptionalInt.of(SampleSandbox.MISSING), 5432));
    services.start();
    assertThat(log)
        .singleElement()
        .asString()
        .startsWith("service db-alias (db) could not be started: ");
    assertThat(result(services, 0).end()).isEqualTo(ServiceResult.End.NOT_STARTED);
    assertThat(destroyed).hasSize(1);
  }

  @Test
  void refuseTwoOnOnePortBeforeAnythingRuns() {
    Services services = services(LONG, service("web", RUNS, 80, 443), service("other", RUNS, 443));
    assertThatThrownBy(services::start)
        .isInstanceOf(Services.ServiceException.class)
        .hasMessage(
            "services web-alias (web) and other-alias (other) both listen on port 443, and share"
                + " the job's network: have one of them listen elsewhere");
    assertThat(made).isEmpty();
    assertThat(result(services, 0).end()).isEqualTo(ServiceResult.End.REFUSED);
  }

  @Test
  void areNamedInTheReportWhereTheirImageIsNotThere() {
    Services services =
        services(
            LONG, service("web", RUNS), request("none", Optional.empty()), service("db", RUNS));
    assertThatThrownBy(services::start).isInstanceOf(EngineException.Missing.class);
    assertThat(result(services, 1).digest()).isEmpty();
    assertThat(services.results())
        .extracting(ServiceResult::name)
        .containsExactly("web-alias (web)", "none-alias (none)", "db-alias (db)");
    assertThat(services.results())
        .extracting(ServiceResult::end)
        .containsOnly(ServiceResult.End.REFUSED);
    assertThat(destroyed).isEmpty();
  }

  @Test
  void areDestroyedWhereOneOfThemGetsNoSandbox() {
    Services services = services(LONG, service("web", RUNS), service("refused", RUNS));
    assertThatThrownBy(services::start)
        .isInstanceOf(Services.ServiceException.class)
        .hasMessage("no sandbox");
    assertThat(result(services, 0).end()).isEqualTo(ServiceResult.End.WITH_JOB);
    assertThat(services.results().get(1).end()).isEqualTo(ServiceResult.End.REFUSED);
    assertThat(destroyed).hasSize(1).isEqualTo(made);
  }

  @Test
  void areDestroyedWhereTheirProgramCouldNotBeHandedOver() {
    Services services = services(LONG, service("lost", RUNS, 80));
    assertThatThrownBy(services::start)
        .isInstanceOf(Services.ServiceException.class)
        .hasMessageStartingWith("service lost-alias (lost): ");
    assertThat(result(services, 0).end()).isEqualTo(ServiceResult.End.LOST);
    assertThat(destroyed).hasSize(1).isEqualTo(made);
  }

  @Test
  void needACommand() {
    ServiceRequest service = service("web", RUNS);
    ServiceRequest without =
        new ServiceRequest(
            service.image(),
            List.of(),
            Optional.of(List.of("")),
            Optional.empty(),
            List.of("web-alias"),
            List.of(),
            Optional.empty());
    assertThatThrownBy(services(LONG, without)::start)
        .isInstanceOf(Services.ServiceException.class)
        .hasMessage("service web-alias (web) has no command: its image names none, so say one");
    assertThat(made).isEmpty();
  }
}
