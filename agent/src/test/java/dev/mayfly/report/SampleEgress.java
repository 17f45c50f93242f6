package dev.mayfly.report;

import dev.mayfly.report.Report.ConnectionPart;
import dev.mayfly.report.Report.EgressPart;
import dev.mayfly.report.Report.NamePart;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What jobs did on their way out. */
public final class SampleEgress {
  /** Every optional value is there, in the first of its kind. */
  public static final EgressPart FULL =
      new EgressPart(
          "audit",
          List.of("gitlab.example.org:443"),
          List.of(
              new NamePart(
                  "evil.example", "TXT", "refused", "not allowed", 7, List.of(), List.of()),
              new NamePart(
                  "a.example",
                  "A",
                  "allowed",
                  null,
                  2,
                  List.of("cdn.example"),
                  List.of("198.51.100.9"))),
          List.of(
              new ConnectionPart(
                  "tcp",
                  "2001:db8::7",
                  22,
                  "git.example",
                  "refused",
                  "packet",
                  "no rule allows it",
                  "git.example:22",
                  12),
              new ConnectionPart("udp", "198.51.100.7", 123, null, "audited", null, null, null, 1),
              new ConnectionPart(
                  "tcp", "198.51.100.9", 443, "a.example", "allowed", null, null, null, 3)),
          12L,
          false,
          List.of("3 packets of some sandbox were not told"));

  private SampleEgress() {}

  /** A job in audit mode that asked for names and reached destinations. */
  public static EgressPart audited(List<NamePart> names, ConnectionPart... connections) {
    return new EgressPart("audit", List.of(), names, List.of(connections), 0L, true, List.of());
  }

  public static NamePart name(String name, String... addresses) {
    return new NamePart(name, "A", "allowed", null, 1, List.of(), List.of(addresses));
  }

  public static ConnectionPart reached(
      String protocol, String address, @Nullable Integer port, @Nullable String name) {
    return new ConnectionPart(protocol, address, port, name, "audited", null, null, null, 1);
  }
}
