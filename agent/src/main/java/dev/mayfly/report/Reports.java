package dev.mayfly.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** The reports of this host: one directory for each sandbox, with {@code report.json} in it. */
public final class Reports {
  private static final String FILE = "report.json";
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private final Path directory;

  public Reports(Path directory) {
    this.directory = directory;
  }

  /**
   * Makes sure that a report can be written, before there is anything to report.
   *
   * @throws IOException with cause and remedy where it can't
   */
  public void prepare() throws IOException {
    try {
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
      Files.delete(Files.createTempFile(directory, ".probe", ""));
    } catch (IOException e) {
      throw new IOException(
          "reports can't be written to "
              + directory
              + " ("
              + cause(e)
              + "); name another directory with --report-dir",
          e);
    }
  }

  private static String cause(IOException e) {
    return e instanceof AccessDeniedException
        ? "permission denied"
        : e.getClass().getSimpleName() + ": " + e.getMessage();
  }

  /**
   * Writes a report, whole or not at all.
   *
   * @return its file
   */
  public Path write(Report report) throws IOException {
    Path own = Files.createDirectories(directory.resolve(report.sandbox()));
    Path file = own.resolve(FILE);
    Path unfinished = own.resolve(FILE + ".new");
    Files.writeString(unfinished, JSON.writeValueAsString(report) + "\n");
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    return file;
  }

  /** The text of a report; empty where there is none of that name. */
  public Optional<String> json(String sandbox) throws IOException {
    try {
      return Optional.of(Files.readString(directory.resolve(sandbox).resolve(FILE)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** The name of the report that was written last. */
  public Optional<String> last() throws IOException {
    if (!Files.isDirectory(directory)) {
      return Optional.empty();
    }
    Optional<String> latest = Optional.empty();
    FileTime latestTime = FileTime.fromMillis(Long.MIN_VALUE);
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        Path file = entry.resolve(FILE);
        if (Files.isRegularFile(file)
            && Files.getLastModifiedTime(file).compareTo(latestTime) > 0) {
          latestTime = Files.getLastModifiedTime(file);
          latest = Optional.of(entry.getFileName().toString());
        }
      }
    }
    return latest;
  }

  /** Reads what {@link #write} wrote. */
  public static Report parse(String json) throws IOException {
    try {
      return JSON.readValue(json, Report.class);
    } catch (JsonProcessingException e) {
      throw new IOException("not a report of this version of Mayfly: " + e.getOriginalMessage(), e);
    }
  }
}
