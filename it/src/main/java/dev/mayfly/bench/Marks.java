package dev.mayfly.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Takes what a command prints before and after its work: the time between the two lines, and what
 * this process used of the processors meanwhile. Safe for use by several threads.
 */
final class Marks extends OutputStream {
  private final List<Mark> marks = new ArrayList<>();

  private record Mark(long nanos, Duration processor) {}

  /** A script of bash that does the work between two lines, and nothing more where it fails. */
  static String around(String work) {
    return "set -e\necho begin\n{\n" + work + "\n} >&2\necho end\n";
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public synchronized void write(byte[] source, int offset, int length) {
    Mark mark = new Mark(System.nanoTime(), Machine.processorTime());
    String text = new String(source, offset, length, StandardCharsets.UTF_8);
    text.lines().forEach(_ -> marks.add(mark));
  }

  /** What was between the two. */
  synchronized Between between() throws IOException {
    if (marks.size() != 2) {
      throw new IOException("the command printed " + marks.size() + " lines and not two");
    }
    Mark begin = marks.getFirst();
    Mark end = marks.getLast();
    return new Between(
        Duration.ofNanos(end.nanos() - begin.nanos()), end.processor().minus(begin.processor()));
  }

  /**
   * Between two marks.
   *
   * @param processor time of all threads of this process, which the kernel counts by 10 ms
   */
  record Between(Duration time, Duration processor) {}
}
