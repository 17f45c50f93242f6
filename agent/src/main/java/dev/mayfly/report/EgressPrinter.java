package dev.mayfly.report;

import dev.mayfly.report.Report.ConnectionPart;
import dev.mayfly.report.Report.EgressPart;
import dev.mayfly.report.Report.NamePart;
import java.util.ArrayList;
import java.util.List;

/** What was seen of the way out, for a person; not escaped yet. */
final class EgressPrinter {
  private static final int MOST_LINES = 20;

  private EgressPrinter() {}

  static String summary(EgressPart egress) {
    return egress.mode()
        + (egress.server().isEmpty() ? "" : ", and " + String.join(", ", egress.server()))
        + ", "
        + counted(egress.names().size(), "name")
        + " asked for ("
        + egress.names().stream().filter(n -> n.answer().equals(NamePart.REFUSED)).count()
        + " refused), "
        + counted(egress.connections().size(), "destination")
        + " ("
        + egress.connections().stream()
            .filter(c -> c.verdict().equals(ConnectionPart.REFUSED))
            .count()
        + " refused, "
        + (egress.refusedPackets() == null
            ? "packets not counted"
            : counted(egress.refusedPackets(), "packet"))
        + ")"
        + (egress.complete() ? "" : "; NOT COMPLETE: " + String.join("; ", egress.gaps()));
  }

  private static String counted(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  /** What was refused and what was only audited; what the policy allows needs no line. */
  static List<String> details(EgressPart egress) {
    List<String> lines = new ArrayList<>();
    for (ConnectionPart connection : egress.connections()) {
      if (!connection.verdict().equals(ConnectionPart.ALLOWED)) {
        lines.add(line(connection));
      }
    }
    for (NamePart name : egress.names()) {
      if (name.answer().equals(NamePart.REFUSED)) {
        lines.add(
            "refused name "
                + name.name()
                + " "
                + name.type()
                + times(name.count())
                + (name.reason() == null ? "" : ": " + name.reason()));
      }
    }
    if (lines.size() <= MOST_LINES) {
      return lines;
    }
    List<String> shown = new ArrayList<>(lines.subList(0, MOST_LINES));
    shown.add("… and " + (lines.size() - MOST_LINES) + " more: mayfly report --json");
    return shown;
  }

  private static String line(ConnectionPart connection) {
    return connection.verdict()
        + " "
        + destination(connection)
        + times(connection.count())
        + (connection.reason() == null ? "" : ": " + connection.reason())
        + (connection.allow() == null ? "" : "; to allow it: \"" + connection.allow() + "\"");
  }

  /** Protocol, address, port and name. */
  static String destination(ConnectionPart connection) {
    boolean brackets = connection.port() != null && connection.address().indexOf(':') >= 0;
    return connection.protocol()
        + " "
        + (brackets ? "[" + connection.address() + "]" : connection.address())
        + (connection.port() == null ? "" : ":" + connection.port())
        + (connection.name() == null ? "" : " (" + connection.name() + ")");
  }

  private static String times(long count) {
    return count == 1 ? "" : " ×" + count;
  }
}
