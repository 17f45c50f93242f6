package dev.mayfly.control;

import dev.mayfly.flow.Credit;
import dev.mayfly.flow.OutputPump;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/** Output as frames, as fast as its reader takes it. */
final class SentOutput extends OutputStream {
  private final ControlConnection connection;
  private final int stream;
  private final Credit credit = new Credit(Credit.INITIAL);

  SentOutput(ControlConnection connection, int stream) {
    this.connection = connection;
    this.stream = stream;
  }

  /** The reader took that much. */
  void grant(int bytes) throws IOException {
    credit.add(bytes);
  }

  /** Nobody reads any more: writing fails from now on. */
  void readerGone() {
    credit.close();
  }

  @Override
  public void write(int b) throws IOException {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int at = offset;
    while (at < offset + length) {
      int count = credit.take(Math.min(offset + length - at, ControlFrame.MAX_BYTES));
      if (count == 0) {
        throw new IOException(OutputPump.READER_GONE);
      }
      connection.send(new ControlFrame.Output(stream, Arrays.copyOfRange(bytes, at, at + count)));
      at += count;
    }
  }
}
