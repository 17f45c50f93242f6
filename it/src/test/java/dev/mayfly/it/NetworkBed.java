package dev.mayfly.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A small internet of name spaces: a host, the world that it reaches, and a network beside it. No
 * packet can leave: no device here leads anywhere else.
 */
final class NetworkBed implements AutoCloseable {
  static final String WORLD4 = "203.0.113.2";
  static final String WORLD6 = "2001:db8:1::2";
  static final String METADATA4 = "169.254.169.254";
  static final String METADATA6 = "fd00:ec2::254";
  static final String PRIVATE4 = "10.0.5.5";
  static final String HOST4 = "203.0.113.1";
  static final String HOST6 = "2001:db8:1::1";
  static final int[] PORTS = {53, 80, 443, 853, 5432};

  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Path SCRIPTS = Path.of("src", "test", "resources", "network");

  final Netns host = Netns.make();
  final Netns world = Netns.make();
  final Netns lan = Netns.make();
  private final Deque<AutoCloseable> more = new ArrayDeque<>();
  private final BlockingQueue<String> arrivals = new LinkedBlockingQueue<>();
  private final Path state;

  NetworkBed(Path state) {
    this.state = state;
    // A name space begins as the machine is, which may be a router.
    host.run("sysctl", "-w", "net.ipv4.ip_forward=0", "net.ipv6.conf.all.forwarding=0");
    host.connect(
        "up0",
        List.of(HOST4 + "/24", HOST6 + "/64"),
        world,
        "w0",
        List.of(
            WORLD4 + "/24",
            WORLD6 + "/64",
            METADATA4 + "/32",
            METADATA6 + "/128",
            PRIVATE4 + "/32"));
    host.connect(
        "lan0",
        List.of("198.51.100.1/24", "2001:db8:2::1/64"),
        lan,
        "l0",
        List.of("198.51.100.2/24", "2001:db8:2::2/64"));
    host.run("ip", "route", "add", "default", "via", WORLD4);
    host.run("ip", "-6", "route", "add", "default", "via", WORLD6);
    world.run("ip", "route", "add", "198.51.100.0/24", "via", HOST4);
    world.run("ip", "-6", "route", "add", "2001:db8:2::/64", "via", HOST6);
    lan.run("ip", "route", "add", "default", "via", "198.51.100.1");
    lan.run("ip", "-6", "route", "add", "default", "via", "2001:db8:2::1");
    List<String> server =
        new ArrayList<>(List.of("python3", SCRIPTS.resolve("world.py").toString()));
    for (int port : PORTS) {
      server.add(Integer.toString(port));
    }
    Process process = world.start(server.toArray(String[]::new));
    more.push(() -> end(process));
    pump(process, arrivals);
    await(arrivals, "ready"::equals);
  }

  /** The IPv4 address behind another. */
  static String after(String address) {
    byte[] next =
        new BigInteger(1, InetAddress.ofLiteral(address).getAddress())
            .add(BigInteger.ONE)
            .toByteArray();
    try {
      return InetAddress.getByAddress(Arrays.copyOfRange(next, next.length - 4, next.length))
          .getHostAddress();
    } catch (UnknownHostException e) {
      throw new AssertionError(e);
    }
  }

  /** What has arrived in the world, in order; each is told once. */
  String awaitArrival(Predicate<String> wanted) {
    return await(arrivals, wanted);
  }

  List<String> arrivedSoFar() {
    List<String> all = new ArrayList<>();
    arrivals.drainTo(all);
    return all;
  }

  private static void pump(Process process, BlockingQueue<String> lines) {
    Thread.ofVirtual()
        .start(
            () -> {
              try (BufferedReader reader = process.inputReader()) {
                reader.lines().forEach(lines::add);
              } catch (IOException | UncheckedIOException e) {
                lines.add("ended: " + e);
              }
            });
  }

  /** Discards what comes before. */
  private static String await(BlockingQueue<String> lines, Predicate<String> wanted) {
    List<String> before = new ArrayList<>();
    try {
      while (true) {
        String line = lines.poll(LIMIT.toSeconds(), TimeUnit.SECONDS);
        if (line == null) {
          throw new AssertionError("did not come; before it: " + before);
        }
        if (wanted.test(line)) {
          return line;
        }
        before.add(line);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private static void end(Process process) {
    process.destroyForcibly();
    process.onExit().join();
  }

  Netns sandbox() {
    Netns sandbox = Netns.make();
    more.push(sandbox);
    return sandbox;
  }

  /** One attempt; what came of it. */
  static String probe(Netns from, String... attempt) {
    return from.run(
        Stream.concat(
                Stream.of("python3", SCRIPTS.resolve("probe.py").toString()), Stream.of(attempt))
            .toArray(String[]::new));
  }

  /** Makes an attempt again and again until something else comes of it, and tells what. */
  static String probeUntilNot(String still, Netns from, String... attempt) {
    long end = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      String answer = probe(from, attempt);
      if (!answer.equals(still)) {
        return answer;
      }
      if (System.nanoTime() - end > 0) {
        throw new AssertionError(
            "%s is still %s after %s".formatted(String.join(" ", attempt), still, LIMIT));
      }
    }
  }

  /** An attempt that goes on. */
  Talk talk(Netns from, String... attempt) {
    Process process =
        from.start(
            Stream.concat(
                    Stream.of("python3", SCRIPTS.resolve("probe.py").toString()),
                    Stream.of(attempt))
                .toArray(String[]::new));
    Talk talk = new Talk(process);
    more.push(talk);
    return talk;
  }

  Supervisor supervisor(String id, String alive) {
    Process process =
        host.start(
            ProcessHandle.current().info().command().orElseThrow(),
            "-Xmx96m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-cp",
            System.getProperty("java.class.path", ""),
            NetworkChild.class.getName(),
            id,
            state.toString(),
            alive);
    Supervisor supervisor = new Supervisor(process);
    more.push(supervisor);
    return supervisor;
  }

  /** A program that answers lines with lines. */
  static class Talk implements AutoCloseable {
    final Process process;
    final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    Talk(Process process) {
      this.process = process;
      pump(process, lines);
    }

    void say(String line) {
      try {
        process.outputWriter().write(line + "\n");
        process.outputWriter().flush();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    String next() {
      return await(lines, _ -> true);
    }

    @Override
    public void close() {
      end(process);
    }
  }

  /** A {@link NetworkChild}. */
  static final class Supervisor extends Talk {
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

    Supervisor(Process process) {
      super(process);
      Thread.ofVirtual().start(this::sort);
    }

    private void sort() {
      try {
        while (true) {
          String line = lines.take();
          (line.startsWith("event ") ? events : answers).add(line);
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    String answer() {
      return await(
          answers,
          line -> line.startsWith("ok ") || line.startsWith("error ") || line.equals("ready"));
    }

    Supervisor ready() {
      String answer = answer();
      if (!answer.equals("ready")) {
        throw new AssertionError(answer);
      }
      return this;
    }

    String ask(String line) {
      say(line);
      String answer = answer();
      if (!answer.startsWith("ok ")) {
        throw new AssertionError(line + ": " + answer);
      }
      return answer.substring(3);
    }

    String awaitEvent(String sandbox, String... parts) {
      return await(
          events,
          line ->
              line.startsWith("event " + sandbox + " ")
                  && Stream.of(parts).allMatch(line::contains));
    }

    List<String> eventsSoFar() {
      List<String> all = new ArrayList<>();
      events.drainTo(all);
      return all;
    }

    void kill() {
      end(process);
    }
  }

  @Override
  public void close() {
    while (!more.isEmpty()) {
      try {
        more.pop().close();
      } catch (Exception e) {
        throw new AssertionError(e);
      }
    }
    lan.close();
    world.close();
    host.close();
  }
}
