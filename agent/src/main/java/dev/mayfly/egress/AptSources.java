package dev.mayfly.egress;

import dev.mayfly.egress.HostFiles.Named;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Mirrors of apt, in both forms of sources.list(5). */
final class AptSources {
  private static final Pattern LINE =
      Pattern.compile("deb(?:-src)?\\s+(?:\\[[^\\]]*\\]\\s+)?(\\S+)\\s+\\S.*");

  private AptSources() {}

  static List<Named> read(HostFiles files) {
    List<Named> found = new ArrayList<>();
    List<String> lists = new ArrayList<>(List.of("/etc/apt/sources.list"));
    lists.addAll(files.in("/etc/apt/sources.list.d", ".list"));
    for (String path : lists) {
      files.text(path).ifPresent(text -> text.lines().forEach(line -> line(line, path, found)));
    }
    for (String path : files.in("/etc/apt/sources.list.d", ".sources")) {
      files.text(path).ifPresent(text -> stanzas(text, path, found));
    }
    return found;
  }

  private static void line(String line, String path, List<Named> found) {
    int comment = line.indexOf('#');
    Matcher matcher = LINE.matcher((comment < 0 ? line : line.substring(0, comment)).strip());
    if (matcher.matches()) {
      add(matcher.group(1), path, found);
    }
  }

  /** Only what is fetched over the network: not from a disk, nor from a list of mirrors on one. */
  private static void add(String uri, String path, List<Named> found) {
    String scheme = uri.toLowerCase(Locale.ROOT).replaceFirst(":.*", "");
    if (!List.of("file", "copy", "cdrom", "mirror+file").contains(scheme)) {
      found.add(new Named(uri, path));
    }
  }

  /** RFC 822 fields; an empty line ends a stanza, an indented one goes on with the field. */
  private static void stanzas(String text, String path, List<Named> found) {
    String stanza =
        text.lines()
            .filter(line -> !line.startsWith("#"))
            .map(line -> line.isBlank() ? "\u0000" : line)
            .reduce("", (all, line) -> all + "\n" + line);
    for (String one : stanza.split("\u0000")) {
      String unfolded = one.replaceAll("\n[ \t]+", " ");
      if (field(unfolded, "Enabled").matches("(?i)no|false|0|off|without|disable")) {
        continue;
      }
      for (String uri : field(unfolded, "URIs").split("\\s+")) {
        if (!uri.isEmpty()) {
          add(uri, path, found);
        }
      }
    }
  }

  private static String field(String stanza, String name) {
    Matcher matcher = Pattern.compile("(?im)^" + name + "[ \t]*:(.*)$").matcher(stanza);
    return matcher.find() ? matcher.group(1).strip() : "";
  }
}
