package dev.mayfly.it;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * A program of {@code probes}, compiled for this machine by what the build of mayfly-init needs.
 */
final class ProbeProgram {
  private ProbeProgram() {}

  /**
   * Compiles one, statically.
   *
   * @param options further ones for the compiler
   */
  static void compileInto(Path directory, String name, String... options) {
    String source = "/probes/" + name + ".c";
    List<String> command =
        new ArrayList<>(List.of("clang", "-std=gnu11", "-O2", "-Wall", "-Wextra", "-Werror"));
    command.addAll(Arrays.asList(options));
    command.addAll(List.of("-static", "-x", "c", "-o", directory.resolve(name).toString(), "-"));
    try (InputStream text =
        Objects.requireNonNull(ProbeProgram.class.getResourceAsStream(source))) {
      Files.createDirectories(directory);
      Process clang = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (var stdin = clang.getOutputStream()) {
        text.transferTo(stdin);
      }
      String said = new String(clang.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (clang.waitFor() != 0) {
        throw new AssertionError("clang can't compile " + source + ":\n" + said);
      }
    } catch (IOException e) {
      throw new AssertionError("clang can't compile " + source, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
