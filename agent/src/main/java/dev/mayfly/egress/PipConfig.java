package dev.mayfly.egress;

import dev.mayfly.egress.HostFiles.Named;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Indexes of pip: {@code index-url} and {@code extra-index-url} of pip.conf files. */
final class PipConfig {
  private static final String INDEX = "index-url";
  private static final String EXTRA = "extra-index-url";

  private PipConfig() {}

  /** Of several places that set the same key the last one counts, as for pip. */
  static List<Named> read(HostFiles files) {
    Map<String, List<Named>> found = new LinkedHashMap<>();
    List<String> paths = new ArrayList<>(List.of("/etc/xdg/pip/pip.conf", "/etc/pip.conf"));
    paths.add(files.inHome(".pip/pip.conf"));
    paths.add(files.inHome(".config/pip/pip.conf"));
    files.variable("PIP_CONFIG_FILE").filter(path -> path.startsWith("/")).ifPresent(paths::add);
    for (String path : paths) {
      files.text(path).ifPresent(text -> found.putAll(file(text, path)));
    }
    files.variable("PIP_INDEX_URL").ifPresent(v -> put(found, INDEX, v, "$PIP_INDEX_URL"));
    files
        .variable("PIP_EXTRA_INDEX_URL")
        .ifPresent(v -> put(found, EXTRA, v, "$PIP_EXTRA_INDEX_URL"));
    return found.values().stream().flatMap(List::stream).toList();
  }

  private static void put(Map<String, List<Named>> found, String key, String urls, String source) {
    List<Named> named = new ArrayList<>();
    for (String url : urls.strip().split("\\s+")) {
      if (!url.isEmpty()) {
        named.add(new Named(url, source));
      }
    }
    found.put(key, named);
  }

  /** As Python's configparser: a line that is indented goes on with the value before it. */
  private static Map<String, List<Named>> file(String text, String path) {
    Map<String, StringBuilder> values = new LinkedHashMap<>();
    StringBuilder current = new StringBuilder();
    for (String line : text.lines().toList()) {
      String bare = line.strip();
      if (bare.isEmpty() || bare.startsWith("#") || bare.startsWith(";")) {
        continue;
      }
      if (Character.isWhitespace(line.charAt(0))) {
        current.append(' ').append(bare);
        continue;
      }
      current = new StringBuilder();
      int sign = bare.replace(':', '=').indexOf('=');
      if (sign > 0) {
        String key = bare.substring(0, sign).strip().toLowerCase(Locale.ROOT).replace('_', '-');
        current.append(bare.substring(sign + 1));
        if (key.equals(INDEX) || key.equals(EXTRA)) {
          values.put(key, current);
        }
      }
    }
    Map<String, List<Named>> found = new LinkedHashMap<>();
    values.forEach((key, urls) -> put(found, key, urls.toString(), path));
    return found;
  }
}
