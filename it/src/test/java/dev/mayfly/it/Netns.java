package dev.mayfly.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A network name space of the test's own, kept by a process that waits. */
final class Netns implements AutoCloseable {
  private final Process keeper;

  private Netns(Process keeper) {
    this.keeper = keeper;
  }

  static Netns make() {
    try {
      Process keeper =
          new ProcessBuilder("unshare", "-n", "sh", "-c", "ip link set lo up; echo ready; exec cat")
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      if (keeper.inputReader().readLine() == null) {
        throw new AssertionError("no network name space: the test wants root");
      }
      return new Netns(keeper);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  long pid() {
    return keeper.pid();
  }

  /** Starts a program inside. */
  Process start(String... command) {
    List<String> whole =
        new ArrayList<>(List.of("nsenter", "--net=/proc/" + keeper.pid() + "/ns/net"));
    whole.addAll(List.of(command));
    try {
      return new ProcessBuilder(whole).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a program inside, and gives what it prints. */
  String run(String... command) {
    Process process = start(command);
    try {
      process.getOutputStream().close();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      int status = process.waitFor();
      if (status != 0) {
        throw new AssertionError(List.of(command) + " ended with " + status + ": " + output);
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  /** Connects this one and another: two devices with addresses of both families. */
  void connect(String name, List<String> addresses, Netns other, String there, List<String> its) {
    run(
        "ip",
        "link",
        "add",
        name,
        "type",
        "veth",
        "peer",
        "name",
        there,
        "netns",
        "" + other.pid());
    configure(name, addresses);
    other.configure(there, its);
  }

  private void configure(String name, List<String> addresses) {
    for (String address : addresses) {
      run(
          address.contains(":")
              ? new String[] {"ip", "address", "add", address, "dev", name, "nodad"}
              : new String[] {"ip", "address", "add", address, "dev", name});
    }
    run("sysctl", "-w", "net.ipv6.conf." + name + ".accept_dad=0");
    run("ip", "link", "set", name, "up");
  }

  @Override
  public void close() {
    keeper.destroyForcibly();
    keeper.onExit().join();
  }
}
