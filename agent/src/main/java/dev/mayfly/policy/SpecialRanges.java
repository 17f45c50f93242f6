package dev.mayfly.policy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.InputStream;
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

  private SpecialRanges() {}

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
