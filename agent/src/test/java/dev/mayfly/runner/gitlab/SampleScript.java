package dev.mayfly.runner.gitlab;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Locale;

/** Writes scripts in the form that gitlab-runner gives them. */
final class SampleScript {
  private final Form form;
  private final String directory;
  private final StringBuilder body = new StringBuilder();

  /** How words are quoted. */
  enum Form {
    /** Now. */
    ANSI,
    /** By gitlab-runner 14: control characters in hexadecimal. */
    OLD_ANSI,
    /** With FF_POSIXLY_CORRECT_ESCAPES. */
    POSIX
  }

  /**
   * @param directory where file variables are written to
   */
  SampleScript(Form form, String directory) {
    this.form = form;
    this.directory = directory;
  }

  SampleScript variable(String name, String value) {
    body.append("export ").append(name).append('=').append(word(value)).append('\n');
    return this;
  }

  SampleScript file(String name, String value) {
    String path = directory + "/" + name;
    body.append("mkdir -p \"").append(directory).append("\"\n");
    body.append("printf '%s' ").append(word(value)).append(" > \"").append(path).append("\"\n");
    body.append("export ").append(name).append("=\"").append(path).append("\"\n");
    return this;
  }

  SampleScript line(String text) {
    body.append(new String(text.getBytes(UTF_8), ISO_8859_1)).append('\n');
    return this;
  }

  /** A command of the job, after its own announcement. */
  SampleScript command(String text) {
    body.append("echo ").append(word("\033[32;1m$ " + text + "\033[0;m")).append('\n');
    return line(text);
  }

  byte[] bytes() {
    return ("#!/usr/bin/env bash\n\ntrap exit 1 TERM\n\n"
            + "if set -o | grep pipefail > /dev/null; then set -o pipefail; fi; set -o errexit\n"
            + "set +o noclobber\n: | eval "
            + quoted(body.toString())
            + "\nexit 0\n")
        .getBytes(ISO_8859_1);
  }

  private String word(String value) {
    return quoted(new String(value.getBytes(UTF_8), ISO_8859_1));
  }

  private String quoted(String bytes) {
    if (bytes.isEmpty()) {
      return "''";
    }
    return form == Form.POSIX ? posix(bytes) : ansi(bytes);
  }

  private static String posix(String bytes) {
    String escaped = bytes.replaceAll("([`\"\\\\$])", "\\\\$1");
    boolean quotes = bytes.chars().anyMatch(c -> "`\"\\$ !#%&()*<=>?[|".indexOf(c) >= 0);
    return quotes ? '"' + escaped + '"' : escaped;
  }

  private String ansi(String bytes) {
    StringBuilder out = new StringBuilder();
    for (char c : bytes.toCharArray()) {
      int named = (form == Form.ANSI ? "\t\n\r\007\b\013\f" : "\t\n\r").indexOf(c);
      if (named >= 0) {
        out.append('\\').append("tnrabvf".charAt(named));
      } else if (c == '\'' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || c > '~') {
        out.append(String.format(Locale.ROOT, "\\x%02x", (int) c));
      } else {
        out.append(c);
      }
    }
    return bytes.matches("[A-Za-z0-9_,./@-]+") ? bytes : "$'" + out + "'";
  }
}
