package dev.mayfly.it;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** RFC 7578, as far as a runner uploads by it. */
final class MultipartForm {
  private static final Pattern BOUNDARY =
      Pattern.compile("multipart/form-data; *boundary=\"?([^\";]{1,70})\"?");
  private static final Pattern FILE =
      Pattern.compile("(?i)content-disposition: form-data; name=\"file\"; filename=\"[^\"]+\"");

  private MultipartForm() {}

  /** The content of the one field, {@code file}, that a form has. */
  static byte[] file(String contentType, byte[] body) {
    Matcher type = BOUNDARY.matcher(contentType);
    if (!type.matches()) {
      throw new IllegalArgumentException("no form but " + contentType);
    }
    // One character for each byte.
    String text = new String(body, StandardCharsets.ISO_8859_1);
    String start = "--" + type.group(1) + "\r\n";
    String end = "\r\n--" + type.group(1) + "--";
    int head = text.indexOf("\r\n\r\n");
    int last = text.indexOf("\r\n--" + type.group(1), Math.max(head, 0));
    if (!text.startsWith(start) || head < 0 || !text.startsWith(end, last)) {
      throw new IllegalArgumentException("not a form of one field");
    }
    if (!FILE.matcher(text.substring(start.length(), head)).find()) {
      throw new IllegalArgumentException("not a file: " + text.substring(start.length(), head));
    }
    return text.substring(head + 4, last).getBytes(StandardCharsets.ISO_8859_1);
  }
}
