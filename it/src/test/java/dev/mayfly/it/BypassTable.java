package dev.mayfly.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** {@code egress/bypass.txt}: what is to come of each attempt in each mode. */
record BypassTable(List<Row> rows) {
  /** The policies of the columns. */
  static final List<String> POLICIES = List.of("allowlist", "https", "gated", "audit");

  BypassTable {
    rows = List.copyOf(rows);
  }

  record Row(String attempt, List<Cell> cells) {
    Row {
      cells = List.copyOf(cells);
    }
  }

  /**
   * What is to come of it.
   *
   * @param result an error, or one of the words that the file explains
   * @param layer which is to report it: {@code packet}, {@code name}, {@code tls} or empty
   */
  record Cell(String result, String layer) {
    static Cell parse(String text) {
      if (text.equals("gate")) {
        return new Cell(text, "tls");
      }
      int slash = text.indexOf('/');
      return slash < 0
          ? new Cell(text, "")
          : new Cell(text.substring(0, slash), text.substring(slash + 1));
    }

    /** As the file writes it. */
    String text() {
      return layer.isEmpty() || result.equals("gate") ? result : result + "/" + layer;
    }

    /** Whether what the attempt sends is to arrive. */
    boolean open() {
      return result.equals("CONNECTED") || result.equals("EOF");
    }

    /** Whether this is what came of it. */
    boolean matches(String actual) {
      return switch (result) {
        // How a cut connection looks depends on how far the client was.
        case "gate" ->
            actual.equals("ECONNRESET") || actual.equals("EOF") || actual.startsWith("TLS:");
        case "code" ->
            List.of("NXDOMAIN", "REFUSED", "NOTIMP", "FORMERR", "NODATA").contains(actual);
        case "guarded" -> !actual.equals("CONNECTED");
        case "SENT" -> actual.equals("CONNECTED");
        default -> actual.equals(result);
      };
    }
  }

  static BypassTable read() {
    try {
      List<Row> rows = new ArrayList<>();
      for (String line : Files.readAllLines(EgressWorld.resource("/egress/bypass.txt"))) {
        if (line.isBlank() || line.startsWith("#")) {
          continue;
        }
        String[] fields = line.split(" +", -1);
        if (fields.length != 1 + POLICIES.size()) {
          throw new AssertionError("not a row of the table: " + line);
        }
        List<Cell> cells = new ArrayList<>();
        for (int i = 1; i < fields.length; i++) {
          cells.add(Cell.parse(fields[i]));
        }
        rows.add(new Row(fields[0], cells));
      }
      return new BypassTable(rows);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String[] attempts() {
    return rows.stream().map(Row::attempt).toArray(String[]::new);
  }
}
