package dev.mayfly.it;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * All that jobs may find on a network, in name spaces of this machine: {@code world/world.py} makes
 * it, {@code world/plan.py} tells its addresses. No packet for any of them can leave the machine.
 *
 * <p>Made once for all test classes of a run that say {@code @ExtendWith(EgressWorld.Shared.class)}
 * and take it as a parameter.
 */
final class EgressWorld implements AutoCloseable {
  /** The name space in which nothing is forbidden, joined to the world only. */
  static final String CONTROL_SPACE = "mfyt-job";

  /** Where the world finds the host. */
  static final String HOST = "198.51.100.1";

  static final String NAME_SERVER = "203.0.113.53";
  static final String ALLOWED = "203.0.113.10";
  static final String SHORT = "203.0.113.11";
  static final String DIRECT = "203.0.113.12";
  static final String CDN = "203.0.113.20";
  static final String ATTACKER = "203.0.113.66";
  static final String ATTACKER6 = "2001:db8:1::66";

  /** Leads to the world, where nothing answers. */
  static final String SILENT = "203.0.113.99";

  static final int ECHO_PORT = 8443;

  /** Where the attacker takes what it gets, by TCP and UDP. */
  static final int SINK_PORT = 4444;

  /**
   * The policy's {@code refuse-ranges} for tests: what is special-purpose, but for the test world's
   * "public" addresses.
   */
  static final String REFUSED_RANGES =
      "[0.0.0.0/8, 10.0.0.0/8, 100.64.0.0/10, 127.0.0.0/8, 169.254.0.0/16, 172.16.0.0/12,"
          + " 192.0.2.0/24, 192.168.0.0/16, 198.18.0.0/15, 198.51.100.0/24, 224.0.0.0/4, 240.0.0.0/4,"
          + " '::/96', '::ffff:0:0/96', '64:ff9b::/96', '2001::/32', '2001:db8:ffff::/48',"
          + " '2002::/16', 'fc00::/7', 'fe80::/10', 'ff00::/8']";

  /** The configuration's part that has Mayfly ask the world's name server. */
  static final String NETWORK = "network: {dns-servers: [%s]}\n".formatted(NAME_SERVER);

  private static final String SCRIPT = "/world/world.py";
  private static final long LIMIT_SECONDS = 60;

  private final Process process;
  private final BufferedReader answers;
  private final BufferedWriter orders;
  private final Path directory;

  private EgressWorld(Process process, Path directory) {
    this.process = process;
    this.answers = process.inputReader();
    this.orders = process.outputWriter();
    this.directory = directory;
  }

  /**
   * Makes it; waits for the end of another one on this machine.
   *
   * @param directory an empty one of the caller's
   */
  static EgressWorld start(Path directory) throws IOException {
    Process process =
        new ProcessBuilder(
                "/usr/bin/python3", "-B", resource(SCRIPT).toString(), directory.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    EgressWorld world = new EgressWorld(process, directory);
    String said = world.answers.readLine();
    if (!"ready".equals(said)) {
      throw new AssertionError("the test world did not start: see its message above");
    }
    return world;
  }

  /** A file among the tests' resources. */
  static Path resource(String name) {
    URL found = Objects.requireNonNull(EgressWorld.class.getResource(name), name);
    try {
      return Path.of(found.toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  /** All that has arrived until now. None of it is lost, or this fails. */
  synchronized Evidence evidence() {
    try {
      orders.write("flush\n");
      orders.flush();
      String answer = answers.readLine();
      if (answer == null) {
        throw new AssertionError("the test world has ended");
      }
      long dropped = new ObjectMapper().readTree(answer).path("dropped").asLong(-1);
      if (dropped != 0) {
        throw new AssertionError(dropped + " packets are missing in the evidence");
      }
      try (var lines = Files.lines(directory.resolve("evidence"))) {
        return Evidence.parse(lines.toList());
      }
    } catch (JsonProcessingException e) {
      throw new AssertionError("no JSON from the test world", e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Asks for all that has arrived, again and again, until it is as wanted.
   *
   * @param what is waited for, for a person
   */
  void await(String what, Duration limit, Predicate<Evidence> wanted) {
    long end = System.nanoTime() + limit.toNanos();
    while (!wanted.test(evidence())) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("not within " + limit + ": " + what);
      }
    }
  }

  /** Packets that arrived for an address. */
  List<Evidence.Packet> received(String address) {
    return evidence().packets().stream()
        .filter(packet -> packet.destination().equals(address))
        .toList();
  }

  /** What the name servers were asked about a zone and the names below it. */
  List<Evidence.Question> questions(String zone) {
    return evidence().questions().stream()
        .filter(question -> question.name().equals(zone) || question.name().endsWith("." + zone))
        .toList();
  }

  @Override
  public void close() throws IOException {
    orders.close();
    try {
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroy();
        throw new AssertionError("the test world does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
    if (process.exitValue() != 0) {
      throw new AssertionError("the test world left something: see its message above");
    }
  }

  /** One world for a run of tests. */
  static final class Shared implements ParameterResolver {
    private record Held(EgressWorld world, Path directory) implements AutoCloseable {
      static Held make() {
        try {
          Path directory = Files.createTempDirectory("mayfly-world");
          return new Held(start(directory), directory);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }

      @Override
      public void close() throws IOException {
        world.close();
        try (var paths = Files.walk(directory)) {
          for (Path path : paths.toList().reversed()) {
            Files.delete(path);
          }
        }
      }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == EgressWorld.class;
    }

    @Override
    public EgressWorld resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(ExtensionContext.Namespace.create(Shared.class))
          .computeIfAbsent(Held.class, _ -> Held.make(), Held.class)
          .world();
    }
  }
}
