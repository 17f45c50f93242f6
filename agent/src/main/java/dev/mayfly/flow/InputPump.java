package dev.mayfly.flow;

import java.io.IOException;
import java.io.InputStream;

/** Carries standard input to whoever takes it, on a thread of its own that holds up no exit. */
public final class InputPump {
  private static final int BUFFER = 64 << 10;

  private InputPump() {}

  /** Takes input. */
  public interface Target {
    /**
     * Takes bytes, waiting until there is room for them.
     *
     * @throws IOException where nobody is there any more
     */
    void stdin(byte[] bytes, int offset, int length) throws IOException;

    /** There is no more. */
    void closeStdin() throws IOException;
  }

  /**
   * Carries on until the source ends, or the target is gone: then who waits for the target is told
   * by it.
   */
  public static void start(InputStream source, Target target) {
    Thread.ofPlatform().daemon().name("stdin").start(() -> run(source, target));
  }

  private static void run(InputStream source, Target target) {
    byte[] buffer = new byte[BUFFER];
    try {
      for (int n = read(source, buffer); n >= 0; n = read(source, buffer)) {
        target.stdin(buffer, 0, n);
      }
      target.closeStdin();
    } catch (IOException e) {
      return; // Nobody is there to give it to.
    }
  }

  /** What can't be read has ended, as for a command whose terminal went away. */
  private static int read(InputStream source, byte[] buffer) {
    try {
      return source.read(buffer);
    } catch (IOException e) {
      return -1;
    }
  }
}
