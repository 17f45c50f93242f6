package dev.mayfly.engine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A seccomp profile as a file, for engines that take a path on their side (seen: Podman 4.3). */
final class SeccompFile {
  private SeccompFile() {}

  /**
   * The file with this profile, which is written where there is none. One that a crash left half
   * written has another name, which the next write takes over.
   */
  static synchronized Path of(Path directory, String profile) throws EngineException {
    try {
      byte[] text = profile.getBytes(StandardCharsets.UTF_8);
      String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
      Path file = directory.resolve(digest + ".json");
      if (!Files.exists(file)) {
        Files.createDirectories(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        write(directory.resolve(digest + ".new"), file, text);
      }
      return file;
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    } catch (IOException e) {
      throw new EngineException(
          "write seccomp profile",
          "in " + directory,
          e.toString(),
          "make room there, and let root write there",
          e);
    }
  }

  /** Whoever waited for the lock finds the file made, and the one it has locked renamed to it. */
  private static void write(Path unfinished, Path file, byte[] text) throws IOException {
    try (FileChannel channel =
        FileChannel.open(unfinished, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      channel.lock();
      if (Files.exists(file)) {
        return;
      }
      channel.truncate(0);
      ByteBuffer rest = ByteBuffer.wrap(text);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    }
  }
}
