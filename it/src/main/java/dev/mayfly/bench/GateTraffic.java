package dev.mayfly.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.List;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * The two ends that {@link GateBenchmark} measures between, each a process in a name space of its
 * own. After the ClientHello they speak no TLS: the gate passes bytes as they are, and encryption
 * would be what is measured.
 */
final class GateTraffic {
  static final String NAME = "bench.example";
  static final int GATED = 443;
  static final int DIRECT = 8443;

  private static final int BUFFER = 256 * 1024;

  private GateTraffic() {}

  /** {@code source BYTES}, or {@code drain}. Ends with its standard input. */
  public static void main(String[] arguments) throws IOException, GeneralSecurityException {
    BufferedReader input =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    if (arguments[0].equals("source")) {
      for (int port : new int[] {GATED, DIRECT}) {
        ServerSocketChannel server = ServerSocketChannel.open().bind(new InetSocketAddress(port));
        Thread.ofPlatform().daemon().start(() -> source(server, Long.parseLong(arguments[1])));
      }
      System.out.println("ready");
      input.readLine();
    } else {
      drain(input);
    }
  }

  private static void source(ServerSocketChannel server, long bytes) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    while (true) {
      try (SocketChannel client = server.accept()) {
        client.read(buffer.clear());
        for (long left = bytes; left > 0; ) {
          left -= client.write(buffer.clear().limit((int) Math.min(BUFFER, left)));
        }
        client.shutdownOutput();
        client.read(buffer.clear());
      } catch (IOException e) {
        System.err.println("source: " + e);
      }
    }
  }

  /** Each line is an address and a port; each answer is bytes and nanoseconds. */
  private static void drain(BufferedReader input) throws IOException, GeneralSecurityException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER);
    ByteBuffer hello = hello();
    String line;
    while ((line = input.readLine()) != null) {
      String[] to = line.split(" ");
      long start = System.nanoTime();
      long count = 0;
      try (SocketChannel channel =
          SocketChannel.open(new InetSocketAddress(to[0], Integer.parseInt(to[1])))) {
        channel.write(hello.rewind());
        for (int read; (read = channel.read(buffer.clear())) >= 0; ) {
          count += read;
        }
      }
      System.out.println(count + " " + (System.nanoTime() - start));
    }
  }

  private static ByteBuffer hello() throws IOException, GeneralSecurityException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, null, null);
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(NAME)));
    engine.setSSLParameters(parameters);
    ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.wrap(ByteBuffer.allocate(0), record);
    return record.flip();
  }
}
