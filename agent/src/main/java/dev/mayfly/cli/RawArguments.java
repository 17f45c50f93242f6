package dev.mayfly.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Arguments as the bytes they were given as: Java decodes them, and what is not text in this locale
 * is lost then.
 */
final class RawArguments {
  private RawArguments() {}

  /** The bytes of the last arguments of this process (proc(5), cmdline). */
  static List<byte[]> last(List<String> decoded) throws IOException {
    List<byte[]> all = split(Files.readAllBytes(Path.of("/proc/self/cmdline")));
    if (all.size() < decoded.size()) {
      return decoded.stream().map(RawArguments::bytes).toList();
    }
    return all.subList(all.size() - decoded.size(), all.size());
  }

  /** The bytes of the argument that Java made this text of, or its end of. */
  static byte[] of(String decoded) throws IOException {
    for (byte[] argument : split(Files.readAllBytes(Path.of("/proc/self/cmdline")))) {
      byte[] end = end(argument, decoded);
      if (end.length > 0) {
        return end;
      }
    }
    return bytes(decoded);
  }

  /** What of the bytes decodes to the text; all before it must be ASCII, as options are. */
  private static byte[] end(byte[] argument, String decoded) {
    String text = new String(argument, StandardCharsets.UTF_8);
    int option = text.length() - decoded.length();
    return option >= 0 && text.endsWith(decoded)
        ? Arrays.copyOfRange(argument, option, argument.length)
        : new byte[0];
  }

  /** {@code NAME=VALUE} of this process's environment, in bytes (proc(5), environ). */
  static Optional<byte[]> variable(String name) throws IOException {
    byte[] start = bytes(name + "=");
    return split(Files.readAllBytes(Path.of("/proc/self/environ"))).stream()
        .filter(v -> v.length >= start.length)
        .filter(v -> Arrays.equals(v, 0, start.length, start, 0, start.length))
        .findFirst();
  }

  static List<byte[]> split(byte[] cmdline) {
    List<byte[]> arguments = new ArrayList<>();
    ByteArrayOutputStream current = new ByteArrayOutputStream();
    for (byte b : cmdline) {
      if (b == 0) {
        arguments.add(current.toByteArray());
        current.reset();
      } else {
        current.write(b);
      }
    }
    return arguments;
  }

  /** The bytes that Java made a text of, in the encoding that it decodes arguments with. */
  static byte[] bytes(String text) {
    String encoding = System.getProperty("sun.jnu.encoding", "UTF-8");
    Charset charset =
        Charset.isSupported(encoding) ? Charset.forName(encoding) : StandardCharsets.UTF_8;
    return text.getBytes(charset);
  }
}
