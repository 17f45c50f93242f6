package dev.mayfly.egress;

import dev.mayfly.egress.HostFiles.Named;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Registries of npm: {@code registry} and {@code @scope:registry} of npmrc files. */
final class NpmConfig {
  private static final String REGISTRY = "registry";

  private NpmConfig() {}

  /** Of several files that set the same key the last one counts, as for npm. */
  static List<Named> read(HostFiles files) {
    Map<String, Named> found = new LinkedHashMap<>();
    for (String path :
        List.of("/usr/etc/npmrc", "/usr/local/etc/npmrc", "/etc/npmrc", files.inHome(".npmrc"))) {
      files
          .text(path)
          .ifPresent(text -> text.lines().forEach(line -> line(line, path, files, found)));
    }
    for (String name : List.of("npm_config_registry", "NPM_CONFIG_REGISTRY")) {
      files.variable(name).ifPresent(url -> found.put(REGISTRY, new Named(url, "$" + name)));
    }
    return List.copyOf(found.values());
  }

  private static void line(String line, String path, HostFiles files, Map<String, Named> found) {
    int equals = line.indexOf('=');
    String key = equals < 0 ? "" : line.substring(0, equals).strip();
    if (key.equals(REGISTRY) || (key.startsWith("@") && key.endsWith(":" + REGISTRY))) {
      String url = line.substring(equals + 1).strip().replaceAll("^[\"']|[\"']$", "");
      found.put(key, new Named(files.expanded(url), path));
    }
  }
}
