package dev.mayfly.yaml;

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

/**
 * A file that is to hold one YAML document.
 *
 * @param noun what it is to be, such as {@code configuration}
 * @param ifMissing remedy where there is no such file
 */
public record YamlFile(Path path, String noun, String ifMissing) {
  private static final int LARGEST = 1 << 20;
  private static final Position START = new Position(1, 1);

  /**
   * Its whole text.
   *
   * @throws ConfigException where it can't be read, is too large or is not UTF-8
   */
  public String text() throws ConfigException {
    try {
      if (!Files.exists(path)) {
        throw wrong("no such file: " + ifMissing);
      }
      if (!Files.isRegularFile(path)) {
        throw wrong(
            Files.isDirectory(path)
                ? "is a directory: name the file in it"
                : "is not a regular file: the " + noun + " is read from one only");
      }
      try (InputStream in = Files.newInputStream(path)) {
        return text(in);
      }
    } catch (NoSuchFileException e) {
      throw wrong("no such file: " + ifMissing);
    } catch (AccessDeniedException e) {
      throw wrong("may not be read by this user: run as root, or change its mode");
    } catch (IOException e) {
      throw wrong("cannot be read: " + e.getMessage());
    }
  }

  /** The same of a stream, which {@link #path} names in messages. */
  public String text(InputStream in) throws IOException, ConfigException {
    byte[] bytes = in.readNBytes(LARGEST + 1);
    if (bytes.length > LARGEST) {
      throw wrong("is larger than 1MiB: this is not a " + noun + " of Mayfly");
    }
    return decode(bytes);
  }

  /**
   * Reads the one document of a text.
   *
   * @return empty where something is wrong, which is among the problems then
   */
  public static <T> Optional<T> read(Shape<T> whole, Problems problems) {
    return tree(problems).flatMap(root -> whole.read("the file", root, problems));
  }

  /**
   * The tree of the one document of a text; of a text without one, a section without keys.
   *
   * @return empty where it can't be parsed, which is among the problems then
   */
  public static Optional<Node> tree(Problems problems) {
    int before = problems.count();
    Optional<Node> root = YamlTree.read(problems.text(), problems);
    return root.isPresent() || problems.count() > before
        ? root
        : Optional.of(new Node.Mapping(START, List.of()));
  }

  private String decode(byte[] bytes) throws CharacterCodingException, ConfigException {
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
                  path,
                  Optional.of(new Position(line, text.length() - lineStart + 1)),
                  "byte 0x%02x is not UTF-8: save the file as UTF-8"
                      .formatted(bytes[in.position()]))));
    }
    return text.startsWith("\ufeff") ? text.substring(1) : text;
  }

  private ConfigException wrong(String message) {
    return new ConfigException(List.of(new ConfigError(path, Optional.empty(), message)));
  }
}
