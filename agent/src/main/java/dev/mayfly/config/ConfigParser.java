package dev.mayfly.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Reads {@code mayfly.yaml}. */
public final class ConfigParser {
  private static final int LARGEST = 1 << 20;
  private static final Position START = new Position(1, 1);

  private ConfigParser() {}

  /**
   * Reads and checks the whole file.
   *
   * @throws ConfigException with everything that is wrong in the file; where it cannot be read or
   *     is not YAML, with that alone
   */
  public static MayflyConfig parse(Path file) throws ConfigException {
    return parse(file, content(file));
  }

  /**
   * The same for text that was read already.
   *
   * @param file names the text in messages
   */
  static MayflyConfig parse(Path file, String text) throws ConfigException {
    Problems problems = new Problems(file);
    Optional<Node> root = YamlTree.read(text, problems);
    if (root.isEmpty()) {
      problems.throwIfAny();
    }
    Optional<MayflyConfig> config =
        MayflyYaml.FILE.read(
            "the file", root.orElseGet(() -> new Node.Mapping(START, List.of())), problems);
    problems.throwIfAny();
    return config.orElseThrow();
  }

  private static String content(Path file) throws ConfigException {
    try {
      if (!Files.exists(file)) {
        throw wrong(file, "no such file: create it, or name another one with --config");
      }
      if (!Files.isRegularFile(file)) {
        throw wrong(
            file,
            Files.isDirectory(file)
                ? "is a directory: name the file in it"
                : "is not a regular file: the configuration is read from one only");
      }
      byte[] bytes;
      try (InputStream in = Files.newInputStream(file)) {
        bytes = in.readNBytes(LARGEST + 1);
      }
      if (bytes.length > LARGEST) {
        throw wrong(file, "is larger than 1MiB: this is not a configuration of Mayfly");
      }
      return decode(file, bytes);
    } catch (NoSuchFileException e) {
      throw wrong(file, "no such file: create it, or name another one with --config");
    } catch (AccessDeniedException e) {
      throw wrong(file, "may not be read by this user: run as root, or change its mode");
    } catch (IOException e) {
      throw wrong(file, "cannot be read: " + e.getMessage());
    }
  }

  private static String decode(Path file, byte[] bytes)
      throws CharacterCodingException, ConfigException {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(bytes.length);
    CoderResult result = decoder.decode(in, out, true);
    String text = out.flip().toString();
    if (result.isError()) {
      int lineStart = text.lastIndexOf('\n') + 1;
      int line = 1 + (int) text.chars().filter(c -> c == '\n').count();
      throw new ConfigException(
          List.of(
              new ConfigError(
                  file,
                  Optional.of(new Position(line, text.length() - lineStart + 1)),
                  "byte 0x%02x is not UTF-8: save the file as UTF-8"
                      .formatted(bytes[in.position()]))));
    }
    return text.startsWith("\ufeff") ? text.substring(1) : text;
  }

  private static ConfigException wrong(Path file, String message) {
    return new ConfigException(List.of(new ConfigError(file, Optional.empty(), message)));
  }
}
