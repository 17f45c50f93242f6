package dev.mayfly.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Asks for addresses as fast as answers come. */
final class DnsClient implements AutoCloseable {
  private static final int WINDOW = 32;

  private final DatagramChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(2048);

  DnsClient(InetAddress from, InetSocketAddress server) throws IOException {
    channel = DatagramChannel.open().bind(new InetSocketAddress(from, 0)).connect(server);
  }

  static byte[] question(String name) {
    ByteBuffer query = ByteBuffer.allocate(12 + name.length() + 2 + 4);
    query.putShort((short) 1).putShort((short) 0x0100).putShort((short) 1).position(12);
    for (String label : name.split("\\.")) {
      query.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
    }
    query.put((byte) 0).putShort((short) 1).putShort((short) 1);
    return query.array();
  }

  /** The median time from a question to its answer, one after the other. */
  Duration latency(List<byte[]> questions) throws IOException {
    List<Duration> times = new ArrayList<>(questions.size());
    for (byte[] question : questions) {
      long start = System.nanoTime();
      send(question);
      receive();
      times.add(Duration.ofNanos(System.nanoTime() - start));
    }
    return Spread.of(times).median();
  }

  /** Answers a second to one question, some of which are on their way at any time. */
  int rate(byte[] question, Duration time) throws IOException {
    long start = System.nanoTime();
    long end = start + time.toNanos();
    int answers = 0;
    for (int i = 0; i < WINDOW; i++) {
      send(question);
    }
    while (System.nanoTime() - end < 0) {
      receive();
      answers++;
      send(question);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    for (int i = 0; i < WINDOW; i++) {
      receive();
    }
    return (int) (answers / seconds);
  }

  private void send(byte[] question) throws IOException {
    buffer.clear().put(question).flip();
    channel.write(buffer);
  }

  private void receive() throws IOException {
    channel.read(buffer.clear());
    if (buffer.position() < 12 || (buffer.get(3) & 0xf) != 0 || buffer.getShort(6) == 0) {
      throw new IOException("an answer has no address");
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
