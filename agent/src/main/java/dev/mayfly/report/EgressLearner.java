package dev.mayfly.report;

import dev.mayfly.policy.DomainName;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.SpecialRanges;
import dev.mayfly.report.Report.ConnectionPart;
import dev.mayfly.report.Report.EgressPart;
import dev.mayfly.report.Report.NamePart;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Finds the smallest list of entries that explains what jobs did: names before addresses, and a
 * wildcard where there are several names below one.
 */
public final class EgressLearner {
  /** Below so many names a wildcard is more than was seen. */
  private static final int LEAST_FOR_WILDCARD = 3;

  /** Of more neighbouring ports one range is made, as far as an entry by name takes it. */
  private static final int MOST_PORTS_BY_NAME = 16;

  /** Under these, with a country's two letters behind them, names are registered as under com. */
  private final Predicate<EgressRule> tooBroad;

  private final Map<Place, Set<Integer>> ports = new TreeMap<>();
  private final Set<String> asked = new TreeSet<>();
  private final Set<String> connected = new TreeSet<>();
  private final Set<String> unexplained = new TreeSet<>();

  /**
   * @param tooBroad wildcards that are not to be made
   */
  public EgressLearner(Predicate<EgressRule> tooBroad) {
    this.tooBroad = tooBroad;
  }

  /**
   * An entry of {@code egress.allow}.
   *
   * @param note what is to be known of it before it is pasted
   */
  public record Entry(String text, Optional<String> note) {}

  /**
   * What was learned.
   *
   * @param notes what no entry can say
   */
  public record Learned(List<Entry> entries, List<String> notes) {}

  /** Where connections went, the port left out. Names come before addresses, both sorted. */
  private record Place(boolean address, String host, String suffix) implements Comparable<Place> {
    private static final Comparator<Place> ORDER =
        Comparator.comparing(Place::address)
            .thenComparing(Place::host)
            .thenComparing(Place::suffix);

    @Override
    public int compareTo(Place other) {
      return ORDER.compare(this, other);
    }
  }

  /** Takes in what one job did. */
  public void add(EgressPart egress) {
    for (NamePart name : SeenEgress.answered(egress)) {
      SeenEgress.name(name.name()).map(DomainName::text).ifPresent(asked::add);
    }
    for (ConnectionPart connection : SeenEgress.passed(egress)) {
      add(egress, connection);
    }
  }

  private void add(EgressPart egress, ConnectionPart connection) {
    Integer port = connection.port();
    boolean udp = connection.protocol().equals("udp");
    if (port == null || port < 1 || !(udp || connection.protocol().equals("tcp"))) {
      unexplained.add(EgressPrinter.destination(connection) + ": no entry can allow this protocol");
      return;
    }
    String suffix = udp ? "/udp" : "";
    Set<String> names = SeenEgress.namesOf(egress, connection);
    connected.addAll(names);
    for (String name : names) {
      ports.computeIfAbsent(new Place(false, name, suffix), _ -> new TreeSet<>()).add(port);
    }
    IpRange address = IpRange.parse(connection.address());
    boolean special = SpecialRanges.ALL.stream().anyMatch(range -> range.contains(address));
    if (names.isEmpty() || special) {
      String host = IpRange.show(address.first());
      String written = address.isIpv4() ? host : "[" + host + "]";
      ports.computeIfAbsent(new Place(true, written, suffix), _ -> new TreeSet<>()).add(port);
    }
  }

  /** The entries that explain all that was taken in. Equal reports give equal entries. */
  public Learned learn() {
    List<String> notes = new ArrayList<>();
    for (String name : asked) {
      if (!connected.contains(name)) {
        notes.add(name + " was asked for, but never connected to: no entry is made for it");
      }
    }
    notes.addAll(unexplained);
    return new Learned(entries(), notes);
  }

  private List<Entry> entries() {
    Map<String, Set<String>> siblings = new TreeMap<>();
    Map<Place, List<String>> written = new TreeMap<>();
    ports.forEach(
        (place, numbers) -> {
          List<String> ranges = ranges(numbers, place.address() ? 65_535 : MOST_PORTS_BY_NAME);
          written.put(place, ranges);
          if (!place.address()) {
            for (String range : ranges) {
              wildcard(place, range)
                  .ifPresent(
                      key -> siblings.computeIfAbsent(key, _ -> new TreeSet<>()).add(place.host()));
            }
          }
        });
    siblings.values().removeIf(names -> names.size() < LEAST_FOR_WILDCARD);
    List<Entry> entries = new ArrayList<>();
    siblings.forEach(
        (wildcard, names) ->
            entries.add(
                new Entry(
                    wildcard,
                    Optional.of(
                        "allows every name below; stands for "
                            + names.size()
                            + ": "
                            + String.join(", ", names)))));
    written.forEach(
        (place, ranges) -> {
          for (String range : ranges) {
            if (place.address() || wildcard(place, range).filter(siblings::containsKey).isEmpty()) {
              entries.add(new Entry(place.host() + ":" + range + place.suffix(), note(place)));
            }
          }
        });
    return entries;
  }

  private static Optional<String> note(Place place) {
    return place.address()
        ? Optional.of("by address: no name is known, or the address is in a refused range")
        : Optional.empty();
  }

  /** The entry that would stand for this name and its siblings; empty where none may be made. */
  private Optional<String> wildcard(Place place, String range) {
    return new DomainName(place.host())
        .parent()
        .filter(parent -> !parent.isPublicSuffix())
        .map(parent -> "*." + parent + ":" + range + place.suffix())
        .filter(entry -> !tooBroad.test(EgressRule.parse(entry)));
  }

  private static List<String> ranges(Set<Integer> sorted, int longest) {
    List<String> ranges = new ArrayList<>();
    List<Integer> numbers = List.copyOf(new TreeSet<>(sorted));
    int start = 0;
    for (int i = 1; i <= numbers.size(); i++) {
      if (i == numbers.size() || numbers.get(i) != numbers.get(i - 1) + 1 || i - start >= longest) {
        int first = numbers.get(start);
        int last = numbers.get(i - 1);
        ranges.add(first == last ? Integer.toString(first) : first + "-" + last);
        start = i;
      }
    }
    return ranges;
  }
}
