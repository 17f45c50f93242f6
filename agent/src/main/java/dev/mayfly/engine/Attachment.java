package dev.mayfly.engine;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A connection to a container's standard streams. */
public interface Attachment extends AutoCloseable {

  /**
   * Sends to standard input; returns once the bytes are on their way, in order with other calls.
   */
  void send(byte[] bytes) throws IOException;

  @Override
  void close();

  /**
   * Takes what the container writes. Called by one thread at a time; while it runs, nothing further
   * is read.
   */
  interface Receiver {
    void stdout(byte[] bytes);

    void stderr(byte[] bytes);

    /**
     * The connection ended.
     *
     * @param failure null where the container closed it
     */
    void ended(@Nullable Throwable failure);
  }
}
