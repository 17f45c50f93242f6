package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A pipe for what a child prints (fifo(7)). Other than with that of {@link Process}, who reads from
 * it does so no longer once this is closed, whoever has the other end open still.
 */
public final class NamedPipe implements AutoCloseable {
  private final Path place;
  private final FileChannel otherEnd;
  private final FileChannel end;

  private NamedPipe(Path place, FileChannel otherEnd, FileChannel end) {
    this.place = place;
    this.otherEnd = otherEnd;
    this.end = end;
  }

  /**
   * Makes one.
   *
   * @param place a path that nobody else gets to; what is there is replaced
   */
  public static NamedPipe make(Path place) throws IOException {
    Files.deleteIfExists(place);
    try {
      LibC.mkfifo(place.toString(), 0600);
    } catch (LastErrorException e) {
      throw new SyscallException("mkfifo", place, e.getErrorCode());
    }
    FileChannel both =
        FileChannel.open(place, StandardOpenOption.READ, StandardOpenOption.WRITE); // Waits not.
    try {
      return new NamedPipe(place, both, FileChannel.open(place, StandardOpenOption.READ));
    } catch (IOException e) {
      both.close();
      throw e;
    }
  }

  /** For the child's output. */
  public ProcessBuilder.Redirect redirect() {
    return ProcessBuilder.Redirect.appendTo(place.toFile());
  }

  /** To be called when the child has it: from now on, it ends when nobody has it open any more. */
  public void handedOver() throws IOException {
    otherEnd.close();
    Files.deleteIfExists(place);
  }

  /**
   * Reads what is there, and waits where nothing is.
   *
   * @return how much, or -1 at the end
   * @throws java.nio.channels.AsynchronousCloseException where it is closed meanwhile
   */
  public int read(ByteBuffer buffer) throws IOException {
    return end.read(buffer);
  }

  @Override
  public void close() throws IOException {
    try (end;
        otherEnd) {
      Files.deleteIfExists(place);
    }
  }
}
