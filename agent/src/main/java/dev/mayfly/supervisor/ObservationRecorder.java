package dev.mayfly.supervisor;

import dev.mayfly.detect.ObservationJson;
import dev.mayfly.event.Observation;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.function.Consumer;

/** Writes what a sandbox is seen to do into a file, a line each, up to a bound. */
final class ObservationRecorder implements Consumer<Observation>, AutoCloseable {
  private static final long MOST = 256L << 20;

  private final Path file;
  private final BufferedWriter writer;
  private long written;
  private Optional<String> trouble = Optional.empty();

  /**
   * @throws IOException where the file can't be made
   */
  ObservationRecorder(Path file) throws IOException {
    this.file = file;
    this.writer =
        Files.newBufferedWriter(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
  }

  @Override
  public synchronized void accept(Observation observation) {
    if (trouble.isPresent()) {
      return;
    }
    String line = ObservationJson.write(observation);
    if (written + line.length() > MOST) {
      trouble = Optional.of("it is full: what came later is not in it");
      return;
    }
    try {
      writer.write(line);
      writer.newLine();
      written += line.length() + 1;
    } catch (IOException e) {
      trouble = Optional.of(String.valueOf(e.getMessage()));
    }
  }

  /** Why not all is in the file, for a person. */
  synchronized Optional<String> trouble() {
    return trouble.map(reason -> "the recording " + file + " is not whole: " + reason);
  }

  @Override
  public synchronized void close() {
    try {
      writer.close();
    } catch (IOException e) {
      trouble = trouble.or(() -> Optional.of(String.valueOf(e.getMessage())));
    }
  }
}
