package dev.mayfly.it;

import java.io.IOException;

/** Passes connections on from an address of the test world's to the test, outside of it. */
final class WorldRelay implements AutoCloseable {
  private static final String SPACE = "mfyt-world";

  private static final String PROGRAM =
      """
      import socket, sys, threading
      here, there = (sys.argv[1], int(sys.argv[2])), (sys.argv[3], int(sys.argv[4]))
      def copy(source, target):
          try:
              while data := source.recv(65536):
                  target.sendall(data)
              target.shutdown(socket.SHUT_WR)
          except OSError:
              source.close()
              target.close()
      with socket.create_server(here) as server:
          print('ready', flush=True)
          while True:
              one = server.accept()[0]
              other = socket.create_connection(there)
              for pair in (one, other), (other, one):
                  threading.Thread(target=copy, args=pair, daemon=True).start()
      """;

  private final Process process;

  private WorldRelay(Process process) {
    this.process = process;
  }

  /**
   * Starts one.
   *
   * @param port at {@link EgressWorld#DIRECT}, in the world
   * @param target port at {@link EgressWorld#HOST}, where the test listens
   */
  static WorldRelay start(int port, int target) throws IOException {
    Process process =
        new ProcessBuilder(
                "ip",
                "netns",
                "exec",
                SPACE,
                "/usr/bin/python3",
                "-c",
                PROGRAM,
                EgressWorld.DIRECT,
                Integer.toString(port),
                EgressWorld.HOST,
                Integer.toString(target))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    if (!"ready".equals(process.inputReader().readLine())) {
      throw new AssertionError("no relay in the test world: see its message above");
    }
    return new WorldRelay(process);
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }
}
