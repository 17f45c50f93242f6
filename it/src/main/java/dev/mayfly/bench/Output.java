package dev.mayfly.bench;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Takes a command's output and the time of its first byte. Safe for use by several threads. */
final class Output extends OutputStream {
  /** What every measured command prints. */
  static final String EXPECTED = "ready\n";

  /** The command itself: as little as prints something. */
  static final String[] COMMAND = {"/bin/echo", "ready"};

  private final long start = System.nanoTime();
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private long first;

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] source, int offset, int length) {
    if (bytes.size() == 0 && length > 0) {
      first = System.nanoTime();
    }
    bytes.write(source, offset, length);
  }

  /** What was printed until now. */
  synchronized String text() {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  /** Ends the measurement: the time from the making of this object until now. */
  Sample sample(String expected) throws IOException {
    long end = System.nanoTime();
    String text;
    long firstByte;
    synchronized (this) {
      text = bytes.toString(StandardCharsets.UTF_8);
      firstByte = first;
    }
    if (!text.startsWith(expected)) {
      throw new IOException("expected the output \"" + expected.strip() + "\", not: " + text);
    }
    return new Sample(Duration.ofNanos(firstByte - start), Duration.ofNanos(end - start));
  }
}
