package dev.mayfly.egress;

import com.fasterxml.jackson.databind.JsonNode;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.Quote;
import dev.mayfly.policy.SpecialRanges;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the names of groups stand for: first the operator's own groups, then what this host's own
 * clients are configured to use, then Mayfly's data.
 */
public final class EgressGroups {
  private static final Map<String, List<Entry>> SHIPPED = shipped();

  private final Map<String, Group> groups;

  /**
   * A host of a group.
   *
   * @param source where it is said that the group needs it
   * @param risk why allowing it lets data out to anybody, where it does
   */
  public record Entry(EgressRule rule, String source, Optional<String> risk) {}

  /**
   * A group.
   *
   * @param note what is to be known of it beside its entries
   */
  public record Group(String name, List<Entry> entries, Optional<String> note) {
    public Group {
      entries = List.copyOf(entries);
    }
  }

  private EgressGroups(Map<String, Group> groups) {
    this.groups = groups;
  }

  /**
   * All groups.
   *
   * @param own the operator's; no groups in them
   */
  public static EgressGroups of(Map<String, List<EgressRule>> own, HostRegistries.Reading host) {
    Map<String, Group> groups = new LinkedHashMap<>();
    SHIPPED.forEach(
        (name, entries) -> groups.put(name, new Group(name, entries, Optional.empty())));
    for (String name : HostRegistries.GROUPS) {
      List<Entry> entries =
          host.hosts().getOrDefault(name, List.of()).stream()
              .map(found -> new Entry(found.rule(), found.source(), Optional.empty()))
              .toList();
      groups.put(
          name,
          new Group(
              name,
              entries,
              entries.isEmpty()
                  ? Optional.of("nothing configured on this host: set egress-groups")
                  : Optional.empty()));
    }
    own.forEach(
        (name, rules) ->
            groups.put(
                name,
                new Group(
                    name,
                    rules.stream()
                        .map(rule -> new Entry(rule, "egress-groups", EgressRisks.of(rule)))
                        .toList(),
                    groups.containsKey(name)
                        ? Optional.of("replaced by egress-groups")
                        : Optional.empty())));
    return new EgressGroups(groups);
  }

  /** The names of the groups that are there whatever the configuration says. */
  public static Set<String> builtInNames() {
    Set<String> names = new LinkedHashSet<>(SHIPPED.keySet());
    names.addAll(HostRegistries.GROUPS);
    return names;
  }

  public Set<String> names() {
    return Set.copyOf(groups.keySet());
  }

  /**
   * The group of this name, with its {@code @}.
   *
   * @throws IllegalArgumentException where there is none
   */
  public Group group(String name) {
    Group group = groups.get(name);
    if (group == null) {
      throw new IllegalArgumentException(
          "there is no group "
              + Quote.of(name)
              + ": the known ones are "
              + String.join(", ", groups.keySet()));
    }
    return group;
  }

  /**
   * What a person should know of a policy before relying on it, one line each: entries that let
   * data out to anybody, groups that hold nothing, refused ranges that are not refused.
   */
  public List<String> warnings(EgressPolicy policy) {
    List<String> warnings = new ArrayList<>();
    for (EgressRule rule : policy.allow()) {
      if (rule instanceof EgressRule.ToGroup to) {
        Group group = group(to.group());
        group.entries().stream()
            .flatMap(
                entry ->
                    entry.risk().stream()
                        .map(risk -> to.group() + ": " + entry.rule().text() + ": " + risk))
            .forEach(warnings::add);
        if (group.entries().isEmpty()) {
          warnings.add(to.group() + " allows nothing: " + group.note().orElse("it has no entries"));
        }
      } else {
        EgressRisks.of(rule).ifPresent(risk -> warnings.add(rule.text() + ": " + risk));
      }
    }
    if (policy.mode() != EgressMode.NONE) {
      SpecialRanges.METADATA.stream()
          .filter(
              address ->
                  policy.refusedRanges().stream().noneMatch(range -> range.contains(address)))
          .map(address -> "refuse-ranges leaves cloud metadata open: " + address)
          .forEach(warnings::add);
    }
    return warnings;
  }

  /** What lets data out to anybody in a rule that names no group; empty where nothing is known. */
  public static Optional<String> riskOf(EgressRule rule) {
    return EgressRisks.of(rule);
  }

  private static Map<String, List<Entry>> shipped() {
    Map<String, List<Entry>> groups = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> group : EgressData.read("groups.yaml").properties()) {
      List<Entry> entries = new ArrayList<>();
      for (JsonNode part : group.getValue()) {
        for (String to : EgressData.texts(part.required("to"))) {
          entries.add(
              new Entry(
                  EgressRule.parse(to),
                  part.required("source").textValue(),
                  part.path("broad").asBoolean()
                      ? Optional.of(part.required("risk").textValue())
                      : Optional.empty()));
        }
      }
      groups.put(group.getKey(), List.copyOf(entries));
    }
    return groups;
  }
}
