package dev.mayfly.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.mayfly.job.Printable;
import dev.mayfly.job.Redaction;
import dev.mayfly.sandbox.SandboxId;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
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
  private static final String FOREIGN = "not a report of this version of Mayfly: ";
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
    return switch (e) {
      case AccessDeniedException _ -> "permission denied";
      case FileAlreadyExistsException _ -> "it is not a directory";
      case FileSystemException failure when failure.getReason() != null -> failure.getReason();
      default -> e.getClass().getSimpleName() + ": " + e.getMessage();
    };
  }

  /**
   * Writes a report, whole or not at all.
   *
   * @return its file
   */
  public Path write(Report report) throws IOException {
    return write(report, Redaction.NONE);
  }

  /**
   * The same without what must not be in it.
   *
   * @return its file
   */
  public Path write(Report report, Redaction redaction) throws IOException {
    Path own = Files.createDirectories(directory.resolve(report.sandbox()));
    Path file = own.resolve(FILE);
    Path unfinished = own.resolve(FILE + ".new");
    try {
      JsonNode tree = redacted(JSON.valueToTree(report), redaction);
      Files.writeString(unfinished, JSON.writeValueAsString(tree) + "\n");
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(unfinished);
    }
    return file;
  }

  private static JsonNode redacted(JsonNode node, Redaction redaction) {
    return switch (node) {
      case TextNode text -> TextNode.valueOf(redaction.of(text.textValue()));
      case ObjectNode object -> {
        object.properties().forEach(entry -> entry.setValue(redacted(entry.getValue(), redaction)));
        yield object;
      }
      case ArrayNode array -> {
        for (int i = 0; i < array.size(); i++) {
          array.set(i, redacted(array.get(i), redaction));
        }
        yield array;
      }
      default -> node;
    };
  }

  /** The text of a report; empty where there is none of that sandbox. */
  public Optional<String> json(SandboxId sandbox) throws IOException {
    try {
      return Optional.of(Files.readString(directory.resolve(sandbox.value()).resolve(FILE)));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  private IOException unreadable(IOException e) {
    return new IOException(
        "reports can't be read from "
            + directory
            + " ("
            + cause(e)
            + "); read them as root, or name another directory with --report-dir",
        e);
  }

  /** The sandbox whose report was written last. */
  public Optional<SandboxId> last() throws IOException {
    if (!Files.isDirectory(directory)) {
      return Optional.empty();
    }
    Optional<SandboxId> latest = Optional.empty();
    FileTime latestTime = FileTime.fromMillis(Long.MIN_VALUE);
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        Path file = entry.resolve(FILE);
        Optional<SandboxId> sandbox = SandboxId.parse(entry.getFileName().toString());
        if (sandbox.isPresent()
            && Files.isRegularFile(file)
            && Files.getLastModifiedTime(file).compareTo(latestTime) > 0) {
          latestTime = Files.getLastModifiedTime(file);
          latest = sandbox;
        }
      }
    } catch (IOException e) {
      throw unreadable(e);
    }
    return latest;
  }

  /** Reads what {@link #write} wrote. */
  public static Report parse(String json) throws IOException {
    try {
      Report report = JSON.readValue(json, Report.class);
      if (report == null) {
        throw new IOException(FOREIGN + "it is null");
      }
      if (report.schemaVersion() != Report.SCHEMA_VERSION) {
        throw new IOException(
            FOREIGN + "its schemaVersion is " + report.schemaVersion() + "; use --json");
      }
      return report;
    } catch (JsonProcessingException e) {
      throw new IOException(FOREIGN + Printable.escaped(e.getOriginalMessage()), e);
    }
  }
}
