package dev.mayfly.egress;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mayfly.egress.HostFiles.Named;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Registries and mirrors of container engines: Docker's daemon.json, registries.conf(5). */
final class ImageRegistries {
  private static final String DOCKER = "/etc/docker/daemon.json";
  private static final Pattern TABLE = Pattern.compile("\\[{1,2}([A-Za-z.]+)\\]{1,2}");
  private static final Pattern SETTING = Pattern.compile("([A-Za-z-]+)\\s*=\\s*(.*)");
  private static final Pattern TEXT = Pattern.compile("\"([^\"]*)\"|'([^']*)'");
  private static final Pattern COMMENT =
      Pattern.compile("#(?=(?:[^\"']*[\"'][^\"']*[\"'])*[^\"']*$).*");

  private ImageRegistries() {}

  static List<Named> read(HostFiles files) {
    List<Named> found = new ArrayList<>();
    files.text(DOCKER).ifPresent(text -> docker(text, files, found));
    List<String> paths = new ArrayList<>(List.of("/etc/containers/registries.conf"));
    paths.addAll(files.in("/etc/containers/registries.conf.d", ".conf"));
    for (String path : paths) {
      files.text(path).ifPresent(text -> new Toml(path, found).read(text));
    }
    return found;
  }

  private static void docker(String text, HostFiles files, List<Named> found) {
    try {
      JsonNode mirrors = JsonMapper.builder().build().readTree(text).path("registry-mirrors");
      mirrors.forEach(mirror -> found.add(new Named(mirror.asText(), DOCKER)));
    } catch (JsonProcessingException e) {
      files.problem(DOCKER + " is not JSON: " + e.getOriginalMessage());
    }
  }

  /** As much of TOML as such files need: tables, texts, lists of texts, booleans, a line each. */
  private static final class Toml {
    private final String path;
    private final List<Named> found;
    private String table = "";
    private String location = "";
    private boolean blocked;

    Toml(String path, List<Named> found) {
      this.path = path;
      this.found = found;
    }

    void read(String text) {
      // A list may go on over several lines.
      String joined =
          text.lines()
              .map(line -> COMMENT.matcher(line).replaceAll("").strip())
              .reduce("", (all, line) -> all + (isOpen(all) ? " " : "\n") + line);
      joined.lines().forEach(this::line);
      flush();
    }

    private static boolean isOpen(String text) {
      String last = text.substring(text.lastIndexOf('\n') + 1);
      int equals = last.indexOf('=');
      return equals >= 0 && last.indexOf('[', equals) >= 0 && last.indexOf(']', equals) < 0;
    }

    private void line(String line) {
      Matcher header = TABLE.matcher(line);
      Matcher setting = SETTING.matcher(line);
      if (header.matches()) {
        flush();
        table = header.group(1);
      } else if (setting.matches()) {
        set(setting.group(1), setting.group(2));
      }
    }

    private void set(String key, String value) {
      boolean registry = table.equals("registry");
      if ((registry && (key.equals("location") || (key.equals("prefix") && location.isEmpty())))
          || (table.equals("registry.mirror") && key.equals("location"))) {
        texts(value).stream().findFirst().ifPresent(text -> location = text);
      } else if (registry && key.equals("blocked")) {
        blocked = value.equals("true");
      } else if (table.isEmpty() && key.equals("unqualified-search-registries")) {
        texts(value).forEach(text -> found.add(new Named("https://" + text, path)));
      }
    }

    private static List<String> texts(String value) {
      return TEXT.matcher(value)
          .results()
          .map(found -> found.group(1) == null ? found.group(2) : found.group(1))
          .toList();
    }

    /** A table is whole when the next one begins. */
    private void flush() {
      if (!location.isEmpty() && !blocked) {
        found.add(new Named("https://" + location, path));
      }
      location = "";
      blocked = false;
    }
  }
}
