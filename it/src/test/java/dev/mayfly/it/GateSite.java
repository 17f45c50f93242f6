package dev.mayfly.it;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Three network name spaces: two jobs' — one name space with two addresses —, the gate's with the
 * rules that turn port 443 to it, and a world of TLS servers. They live as long as the processes in
 * them, and those as long as the test: nothing of them is in the machine's own name space.
 */
final class GateSite {
  static final String JOB4 = "198.19.0.42";
  static final String JOB6 = "2001:db8:1::42";
  static final String OTHER_JOB4 = "198.19.0.43";
  static final String STRANGER4 = "198.19.0.44";
  static final String GATE4 = "198.19.0.1";
  static final String GATE6 = "2001:db8:1::1";

  /** Addresses of the world; the refused range's is reached like the others, if let through. */
  static final String CDN4 = "203.0.113.10";

  static final String CDN6 = "2001:db8:2::10";
  static final String ELSEWHERE4 = "203.0.113.11";
  static final String CLOSED4 = "203.0.113.12";

  /** Of a server that takes no client's first key share. */
  static final String RETRY4 = "203.0.113.14";

  static final String REFUSED4 = "198.51.100.10";

  private static final long LIMIT_SECONDS = 30;

  private final List<Process> processes = new ArrayList<>();
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final Queue<String> events = new ConcurrentLinkedQueue<>();
  private final BlockingQueue<String> worldSaid = new LinkedBlockingQueue<>();
  private final Process job;
  private final Process world;
  private final Process gate;
  private final BufferedWriter commands;
  private final int port;

  /**
   * @param scratch for a certificate
   * @param bounds connections, hellos, seconds for a hello
   */
  GateSite(Path scratch, String bounds) throws IOException, InterruptedException {
    try {
      run(
          "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj"
              + " /CN=world.example -keyout %s/key.pem -out %s/cert.pem"
                  .formatted(scratch, scratch));
      job = start("unshare", "-n", "cat");
      world =
          start(
              "unshare",
              "-n",
              "python3",
              "-I",
              "-B",
              script("world.py"),
              scratch + "/cert.pem",
              scratch + "/key.pem",
              RETRY4);
      read(world, worldSaid);
      gate =
          start(
              Stream.concat(
                      Stream.of("unshare", "-n"), javaCommand(GateProcess.class.getName()).stream())
                  .toArray(String[]::new));
      commands = gate.outputWriter();
      read(gate, answers);
      expect(answers, "started");
      expect(worldSaid, "ready");
      connect();
      port =
          Integer.parseInt(
              tell("open %s,%s %s".formatted(GATE4, GATE6, bounds)).substring("port ".length()));
      turn();
    } catch (IOException | InterruptedException | RuntimeException | Error e) {
      tearDown();
      throw e;
    }
  }

  /** Options of a JVM like the supervisor's, with this test's classes. */
  private static List<String> javaCommand(String main) {
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-Xmx96m",
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "-Dio.netty.leakDetection.level=paranoid",
        "-cp",
        System.getProperty("java.class.path"),
        main);
  }

  private static String script(String name) {
    return Path.of("src/test/resources/gate", name).toAbsolutePath().toString();
  }

  private Process start(String... command) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    processes.add(process);
    return process;
  }

  private void read(Process process, BlockingQueue<String> into) {
    BufferedReader lines = process.inputReader();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                String line;
                while ((line = lines.readLine()) != null) {
                  (line.startsWith("event ") ? events : into).add(line);
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
  }

  private void connect() throws IOException, InterruptedException {
    String ip = "nsenter -n -t %d ip ";
    String of = ip.formatted(gate.pid());
    run(of + "link set lo up");
    run(of + "link add mfy02a type veth peer name eth0 netns " + job.pid());
    run(of + "link add world0 type veth peer name eth0 netns " + world.pid());
    for (String device : List.of("mfy02a", "world0")) {
      run(of + "link set " + device + " up");
    }
    address(gate, "mfy02a", GATE4 + "/16", GATE6 + "/64");
    address(gate, "world0", "203.0.113.1/24", "2001:db8:2::1/64");
    run(of + "route add 198.51.100.0/24 dev world0");
    for (Process one : List.of(job, world)) {
      run(ip.formatted(one.pid()) + "link set lo up");
      run(ip.formatted(one.pid()) + "link set eth0 up");
    }
    address(job, "eth0", JOB4 + "/16", JOB6 + "/64", OTHER_JOB4 + "/16", STRANGER4 + "/16");
    address(world, "eth0", CDN4 + "/24", CDN6 + "/64", ELSEWHERE4 + "/24", REFUSED4 + "/24");
    address(world, "eth0", RETRY4 + "/24");
    run(ip.formatted(job.pid()) + "route add default via " + GATE4 + " src " + JOB4);
    run(ip.formatted(job.pid()) + "-6 route add default via " + GATE6 + " src " + JOB6);
  }

  private static void address(Process in, String device, String... addresses)
      throws IOException, InterruptedException {
    for (String address : addresses) {
      run(
          "nsenter -n -t %d ip address add %s dev %s%s"
              .formatted(in.pid(), address, device, address.contains(":") ? " nodad" : ""));
    }
  }

  private void turn() throws IOException, InterruptedException {
    String rules =
        """
        table inet turn {
          chain prerouting {
            type nat hook prerouting priority dstnat
            iifname "mfy02a" ip daddr != %s tcp dport 443 dnat ip to %s:%d
            iifname "mfy02a" ip6 daddr != %s tcp dport 443 dnat ip6 to [%s]:%d
          }
        }
        """
            .formatted(GATE4, GATE4, port, GATE6, GATE6, port);
    Process nft =
        new ProcessBuilder("nsenter", "-n", "-t", Long.toString(gate.pid()), "nft", "-f", "-")
            .redirectErrorStream(true)
            .start();
    try (BufferedWriter text = nft.outputWriter()) {
      text.write(rules);
    }
    ended(nft, "nft");
  }

  private static void run(String command) throws IOException, InterruptedException {
    ended(new ProcessBuilder(command.split(" ")).redirectErrorStream(true).start(), command);
  }

  private static void ended(Process process, String what) throws IOException, InterruptedException {
    String output = String.join("\n", process.inputReader().readAllLines());
    if (process.waitFor() != 0) {
      throw new IOException(what + ": " + output);
    }
  }

  int port() {
    return port;
  }

  /** Gives the gate a command, and waits for its answer. */
  String tell(String command) throws IOException, InterruptedException {
    commands.write(command + "\n");
    commands.flush();
    return next(answers);
  }

  /** Runs one try in the job's name space to its end. */
  String attempt(String address, String name, String... command)
      throws IOException, InterruptedException {
    Process process = begin(address, name, command);
    process.getOutputStream().close();
    return end(process);
  }

  /** Starts one in the job's name space; its standard input and output are the caller's. */
  Process begin(String address, String name, String... command) throws IOException {
    return start(
        Stream.concat(
                Stream.of(
                    "nsenter",
                    "-n",
                    "-t",
                    Long.toString(job.pid()),
                    "python3",
                    "-I",
                    "-B",
                    script("job.py"),
                    address,
                    name),
                Arrays.stream(command))
            .toArray(String[]::new));
  }

  String end(Process process) throws IOException, InterruptedException {
    List<String> lines = process.inputReader().readAllLines();
    if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("does not end");
    }
    processes.remove(process);
    return lines.isEmpty() ? "nothing" : lines.getLast();
  }

  /** What the world's servers printed next. */
  String worldSaid() throws InterruptedException {
    return next(worldSaid);
  }

  /** What sandboxes were told since the last call: all of it, as the gate tells before it acts. */
  List<String> events() throws IOException, InterruptedException {
    tell("sockets");
    List<String> taken = new ArrayList<>();
    String event;
    while ((event = events.poll()) != null) {
      taken.add(event);
    }
    return taken;
  }

  private static void expect(BlockingQueue<String> lines, String expected)
      throws InterruptedException {
    String line = next(lines);
    if (!line.equals(expected)) {
      throw new AssertionError("expected " + expected + ", not " + line);
    }
  }

  private static String next(BlockingQueue<String> lines) throws InterruptedException {
    String line = lines.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
    if (line == null) {
      throw new AssertionError("nothing was said");
    }
    return line;
  }

  List<ProcessHandle> processes() {
    return processes.stream().map(Process::toHandle).toList();
  }

  /** Ends everything: each process ends with its standard input. */
  void tearDown() throws IOException, InterruptedException {
    for (Process process : processes) {
      process.getOutputStream().close();
      if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(process.info() + " did not end with its input");
      }
    }
  }
}
