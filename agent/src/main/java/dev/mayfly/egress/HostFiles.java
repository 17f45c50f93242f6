package dev.mayfly.egress;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Configuration files of the host's clients, and what is wrong with them. */
final class HostFiles {
  private static final int LARGEST = 1 << 20;
  private static final Pattern VARIABLE = Pattern.compile("\\$\\{(?:env\\.)?([A-Za-z0-9_]+)\\}");

  private final Path root;
  private final String home;
  private final Map<String, String> environment;
  private final List<String> problems = new ArrayList<>();

  /**
   * @param root what stands for {@code /}
   * @param home absolute, below the root
   */
  HostFiles(Path root, String home, Map<String, String> environment) {
    this.root = root;
    this.home = home;
    this.environment = Map.copyOf(environment);
  }

  /** What a client's configuration names, as it is written there. */
  record Named(String url, String source) {}

  /** A file in the user's home. */
  String inHome(String path) {
    return home + "/" + path;
  }

  Optional<String> variable(String name) {
    return Optional.ofNullable(environment.get(name)).filter(value -> !value.isBlank());
  }

  /** With {@code ${NAME}} and {@code ${env.NAME}} replaced, where the environment has them. */
  String expanded(String text) {
    return VARIABLE
        .matcher(text)
        .replaceAll(
            found ->
                Matcher.quoteReplacement(environment.getOrDefault(found.group(1), found.group())));
  }

  void problem(String what) {
    problems.add(what);
  }

  List<String> problems() {
    return problems;
  }

  /** The text of a file; empty where there is none, or none that can be read. */
  Optional<String> text(String path) {
    Path file = at(path);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(LARGEST + 1);
      if (bytes.length > LARGEST) {
        problem(path + " is larger than 1MiB and was not read");
        return Optional.empty();
      }
      return Optional.of(new String(bytes, StandardCharsets.UTF_8));
    } catch (IOException e) {
      problem(path + " can't be read: " + e.getMessage());
      return Optional.empty();
    }
  }

  /** The paths of the files in a directory that end so, in the order of their names. */
  List<String> in(String directory, String end) {
    Path where = at(directory);
    if (!Files.isDirectory(where)) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(where, "*" + end)) {
      files.forEach(file -> names.add(directory + "/" + file.getFileName()));
    } catch (IOException e) {
      problem(directory + " can't be read: " + e.getMessage());
    }
    return names.stream().sorted().toList();
  }

  private Path at(String path) {
    return root.resolve(path.substring(1));
  }
}
