package dev.mayfly.detect;

import dev.mayfly.event.WatchedName;
import dev.mayfly.yaml.ConfigError;
import dev.mayfly.yaml.ConfigException;
import dev.mayfly.yaml.Node;
import dev.mayfly.yaml.Problems;
import dev.mayfly.yaml.YamlFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Reads files of rules: those that Mayfly has, and an operator's. */
public final class Detections {
  private static final String RESOURCES = "detections/";
  private static final String SUFFIX = ".yaml";

  /** One of the files that are there for certain, by which the others are found. */
  private static final String ANCHOR = RESOURCES + "watched" + SUFFIX;

  private Detections() {}

  /**
   * Mayfly's own rules, and those of all {@code *.yaml} in a folder.
   *
   * @param folder the operator's, where there is one
   * @throws ConfigException with everything that is wrong in any of the files
   */
  public static DetectionRules load(Optional<Path> folder) throws ConfigException {
    Map<Path, String> texts = new LinkedHashMap<>(own());
    List<ConfigError> unreadable = new ArrayList<>();
    if (folder.isPresent()) {
      for (Path file : filesIn(folder.get())) {
        try {
          texts.put(file, yaml(file).text());
        } catch (ConfigException e) {
          unreadable.addAll(e.errors());
        }
      }
    }
    return parse(texts, unreadable);
  }

  /**
   * The same for texts that were read already.
   *
   * @param texts by the names of their files, which appear in messages
   */
  static DetectionRules parse(Map<Path, String> texts) throws ConfigException {
    return parse(texts, List.of());
  }

  private static DetectionRules parse(Map<Path, String> texts, List<ConfigError> unreadable)
      throws ConfigException {
    List<Source> sources =
        texts.entrySet().stream()
            .map(text -> Source.of(new Problems(text.getKey(), text.getValue())))
            .toList();
    Map<String, List<String>> lists = lists(sources);
    requireDifferentIds(sources);
    List<Rule> rules = new ArrayList<>();
    List<WatchedName> watched = new ArrayList<>();
    for (Source source : sources) {
      source
          .root()
          .flatMap(root -> RuleYaml.file(lists).read("the file", root, source.problems()))
          .ifPresent(
              file -> {
                rules.addAll(file.rules());
                watched.addAll(file.watched());
              });
    }
    List<ConfigError> errors = new ArrayList<>(unreadable);
    sources.forEach(source -> errors.addAll(source.problems().errors()));
    if (!errors.isEmpty()) {
      throw new ConfigException(errors);
    }
    return new DetectionRules(rules, watched);
  }

  /** A file that was parsed as YAML, if it could be. */
  private record Source(Problems problems, Optional<Node> root, Outline outline) {
    static Source of(Problems problems) {
      Optional<Node> root = YamlFile.tree(problems);
      return new Source(
          problems, root, root.map(Outline::of).orElse(new Outline(List.of(), List.of())));
    }
  }

  private static Map<String, List<String>> lists(List<Source> sources) {
    Map<String, List<String>> lists = new LinkedHashMap<>();
    Map<String, Source> definers = new LinkedHashMap<>();
    for (Source source : sources) {
      for (Outline.NamedList list : source.outline().lists()) {
        Source first = definers.putIfAbsent(list.name(), source);
        lists.putIfAbsent(list.name(), list.values());
        if (first != null) {
          source
              .problems()
              .add(
                  list.at(),
                  "a list is named \"%s\" in %s already: give this one another name"
                      .formatted(list.name(), first.problems().file()));
        }
      }
    }
    return lists;
  }

  private static void requireDifferentIds(List<Source> sources) {
    Map<String, Source> definers = new LinkedHashMap<>();
    for (Source source : sources) {
      for (Outline.Id id : source.outline().ids()) {
        Source first = definers.putIfAbsent(id.id(), source);
        // Those of one file are told apart where it is read.
        if (first != null && !first.problems().file().equals(source.problems().file())) {
          source
              .problems()
              .add(
                  id.at(),
                  "a rule is named \"%s\" in %s already: give this one another id"
                      .formatted(id.id(), first.problems().file()));
        }
      }
    }
  }

  private static YamlFile yaml(Path file) {
    return new YamlFile(file, "set of detections", "it is gone since its folder was listed");
  }

  private static List<Path> filesIn(Path folder) throws ConfigException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.getFileName().toString().endsWith(SUFFIX)).sorted().toList();
    } catch (IOException | UncheckedIOException e) {
      throw new ConfigException(
          List.of(
              new ConfigError(
                  folder,
                  Optional.empty(),
                  "the folder of detections can't be listed (%s): create it, or name another one"
                      .formatted(e.getClass().getSimpleName()))));
    }
  }

  /** What Mayfly ships; what is not as it should be is a fault of the build. */
  private static Map<Path, String> own() throws ConfigException {
    ClassLoader loader = Detections.class.getClassLoader();
    URL anchor = loader.getResource(ANCHOR);
    if (anchor == null) {
      throw new IllegalStateException(ANCHOR + " is not in the jar: build Mayfly again");
    }
    Map<Path, String> texts = new TreeMap<>();
    try {
      for (String name : names(anchor)) {
        Path file = Path.of(RESOURCES, name);
        try (InputStream in = loader.getResourceAsStream(RESOURCES + name)) {
          texts.put(file, yaml(file).text(in));
        }
      }
      return texts;
    } catch (IOException e) {
      throw new IllegalStateException("Mayfly's own detections can't be read: build it again", e);
    }
  }

  private static List<String> names(URL anchor) throws IOException {
    Stream<String> found;
    if (anchor.openConnection() instanceof JarURLConnection jar) {
      found =
          jar.getJarFile().stream()
              .map(entry -> entry.getName())
              .filter(name -> name.startsWith(RESOURCES))
              .map(name -> name.substring(RESOURCES.length()));
    } else {
      Path folder = Path.of(URI.create(anchor.toString())).getParent();
      try (Stream<Path> files = Files.list(folder)) {
        found = files.map(file -> file.getFileName().toString()).toList().stream();
      }
    }
    return found.filter(name -> name.endsWith(SUFFIX) && name.indexOf('/') < 0).toList();
  }
}
