package dev.mayfly.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

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
