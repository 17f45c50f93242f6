package dev.mayfly.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/**
 * Addresses that are no public host's: the IANA special-purpose address registries, from {@code
 * refused-ranges.yaml}.
 */
public final class SpecialRanges {
  private static final String RESOURCE = "/dev/mayfly/egress/refused-ranges.yaml";

  /** Each with where it is defined and why no job needs it, in the order of the data. */
  public static final List<Row> ROWS = load();

  public static final List<IpRange> ALL = ROWS.stream().map(Row::range).toList();

  /** Metadata services of clouds, whose answers are credentials: no suggestion ever opens them. */
  public static final List<IpRange> METADATA =
      List.of(
          IpRange.parse("169.254.169.254"),
          IpRange.parse("168.63.129.16"),
          IpRange.parse("100.100.100.200"),
          IpRange.parse("192.0.0.192"),
          IpRange.parse("fd00:ec2::254"));

  /** Networks inside an organisation (RFC 1918, RFC 6598, RFC 4193). */
  private static final List<IpRange> PRIVATE =
      List.of(
          IpRange.parse("10.0.0.0/8"),
          IpRange.parse("172.16.0.0/12"),
          IpRange.parse("192.168.0.0/16"),
          IpRange.parse("100.64.0.0/10"),
          IpRange.parse("fc00::/7"));

  private SpecialRanges() {}

  /** Whether it is a metadata service's. */
  public static boolean isMetadata(InetAddress address) {
    return METADATA.stream().anyMatch(service -> service.contains(address));
  }

  /** Whether it is in an organisation's own network, and no metadata service's. */
  public static boolean isPrivate(InetAddress address) {
    return PRIVATE.stream().anyMatch(range -> range.contains(address)) && !isMetadata(address);
  }

  /**
   * A row of the registries.
   *
   * @param name as the registry has it
   * @param source such as {@code RFC 1918}
   * @param reason why it is refused
   */
  public record Row(IpRange range, String name, String source, String reason) {}

  private static List<Row> load() {
    try (InputStream in = SpecialRanges.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is not in the jar: build Mayfly again");
      }
      List<Row> rows = new ArrayList<>();
      for (JsonNode row : new YAMLMapper().readTree(in)) {
        rows.add(
            new Row(
                IpRange.parse(row.required("range").textValue()),
                row.required("name").textValue(),
                row.required("source").textValue(),
                row.required("reason").textValue()));
      }
      return List.copyOf(rows);
    } catch (IOException e) {
      throw new IllegalStateException(RESOURCE + " can't be read: build Mayfly again", e);
    }
  }
}
