package dev.mayfly.config;

import dev.mayfly.egress.EgressGroups;
import dev.mayfly.policy.ByteSize;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.Glob;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.PolicyMatch;
import dev.mayfly.policy.Quote;
import dev.mayfly.policy.Range;
import dev.mayfly.policy.SpecialRanges;
import dev.mayfly.yaml.EitherShape;
import dev.mayfly.yaml.Keys;
import dev.mayfly.yaml.ListShape;
import dev.mayfly.yaml.Shape;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** The keys about what a sandbox may reach, and which jobs a policy is for. */
final class EgressYaml {
  private static final Range<ByteSize> UPLOAD =
      new Range<>(new ByteSize(1), ByteSize.ofGiB(1 << 20));
  private static final String RANGE_PATTERN = "[0-9a-fA-F:.]+(?:/[0-9]{1,3})?";

  private static final Shape.Text<EgressRule> RULE =
      new Shape.Text<>(
          "packages.example.org:443", EgressRule.PATTERN, EgressRule::parse, EgressRule::text);
  private static final Shape.Text<Glob> GLOB =
      new Shape.Text<>("acme/*", Glob.PATTERN, Glob::new, Glob::text);
  private static final Shape.Text<IpRange> RANGE =
      new Shape.Text<>("10.0.5.0/24", RANGE_PATTERN, IpRange::parse, IpRange::toString);
  private static final Shape.Text<InetSocketAddress> SERVER =
      new Shape.Text<>(
          "198.51.100.53", "[0-9a-fA-F:.\\[\\]]+", NetworkConfig::server, NetworkConfig::show);

  private static final Shape<List<EgressRule>> ALLOW =
      new ListShape.Values<>(
          "entry",
          new Shape.Referring<>(
              new EitherShape.TextOrSection<>(RULE, new Shape.Section<>(EgressYaml::entry)),
              rule ->
                  rule instanceof EgressRule.ToGroup to
                      ? Optional.of(to.group())
                      : Optional.empty()),
          EgressRule::meaning);

  /** Exact hosts of a CI server. */
  static final Shape<List<EgressRule>> HOSTS =
      new ListShape.Values<>(
          "host",
          new Shape.Text<>(
              "cache.example.org:9000", EgressRule.PATTERN, EgressYaml::exact, EgressRule::text),
          EgressRule::meaning);

  /** The operator's own groups. */
  static final Shape<Map<String, List<EgressRule>>> GROUPS =
      new Shape.FreeKeys<>(
          new Shape.Text<>(
              "@internal", "@[a-z0-9][a-z0-9-]{0,62}", EgressYaml::groupName, Function.identity()),
          new ListShape.Values<>(
              "entry",
              new Shape.Text<>(
                  RULE.example(), EgressRule.PATTERN, EgressYaml::host, EgressRule::text),
              EgressRule::meaning));

  private EgressYaml() {}

  static EgressPolicy egress(Keys keys) {
    EgressPolicy absent = EgressPolicy.DEFAULT;
    return new EgressPolicy(
        keys.get(
            "mode",
            "How wide the way out is. https: any public host on TCP port 443, and what allow has."
                + " allowlist: what allow has. none: no network at all. audit: everything but the"
                + " refused ranges, recorded.",
            Shape.Choice.of(List.of(EgressMode.values()), EgressMode::word),
            absent.mode()),
        keys.get(
            "allow",
            "What is allowed beside what the mode allows: NAME (port 443), NAME:PORTS,"
                + " *.NAME:PORTS, ADDRESS:PORTS, ADDRESS/PREFIX:PORTS, [ADDRESS/PREFIX]:PORTS for"
                + " IPv6, each with /udp at its end for UDP, or @GROUP. PORTS is a port or"
                + " FIRST-LAST.",
            ALLOW,
            absent.allow()),
        keys.get(
            "refuse-ranges",
            "Addresses that are refused on every port unless an entry of allow names a range within"
                + " them. default: what no public host has, by the IANA special-purpose address"
                + " registries, cloud metadata among them. A list replaces that.",
            new ListShape.WordOrList<>(
                new Shape.Choice<>(Map.of("default", SpecialRanges.ALL)),
                new ListShape.Values<>("range", RANGE, Function.<IpRange>identity()::apply)),
            absent.refusedRanges()),
        keys.get(
            "gate",
            "In mode https, let a connection to port 443 through only if its TLS ClientHello names a"
                + " host that the sandbox resolved to that address. In mode allowlist, entries by name"
                + " on port 443 are always looked at.",
            new Shape.Flag(),
            absent.gate()),
        keys.get(
            "refused-names",
            "How a DNS question for a name that is not allowed is answered.",
            Shape.Choice.of(
                List.of(EgressPolicy.RefusedNames.values()), EgressPolicy.RefusedNames::word),
            absent.refusedNames()));
  }

  private static EgressRule entry(Keys keys) {
    EgressRule to =
        keys.require("to", "What is allowed, as in an entry that is text.", RULE, RULE_STAND_IN);
    return to.on(
        new EgressRule.Terms(
            keys.find(
                "max-upload",
                "Bytes that one sandbox may send to it over all connections; then they are cut. For"
                    + " a group, to each of its hosts.",
                MayflyYaml.size("200MiB", UPLOAD)),
            keys.get(
                "without-sni",
                "Let TLS connections through that name no server.",
                new Shape.Flag(),
                false),
            keys.get(
                "encrypted-hello",
                "Let TLS connections through whose ClientHello is encrypted (ECH).",
                new Shape.Flag(),
                false)));
  }

  /** Nobody sees it: it lets the reader go on where "to" is missing. */
  private static final EgressRule RULE_STAND_IN = EgressRule.parse("example.org");

  static PolicyMatch match(Keys keys) {
    return new PolicyMatch(
        patterns(keys, "platform", "The CI system: gitlab or github."),
        patterns(keys, "project", "Path of the project or repository, such as acme/*."),
        patterns(keys, "ref", "Name of the branch or tag."),
        patterns(keys, "job", "Name of the job."),
        keys.find(
            "protected",
            "Whether the CI server holds the ref for protected. A job of which it does not say is"
                + " neither.",
            new Shape.Flag()));
  }

  private static List<Glob> patterns(Keys keys, String name, String description) {
    return keys.find(
            name,
            description + " A pattern, or a list of which one must match.",
            new ListShape.OneOrMore<>("pattern", GLOB))
        .orElse(List.of());
  }

  static NetworkConfig network(Keys keys) {
    return new NetworkConfig(
        keys.get(
            "subnet",
            "IPv4 network of the sandboxes: a /16 that this host has no route to.",
            RANGE,
            NetworkConfig.DEFAULT.subnet()),
        keys.get(
            "dns-servers",
            "Whom Mayfly's resolver asks: ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT. Where it is not"
                + " given or empty, whom the host asks.",
            new ListShape.Values<>("server", SERVER, Function.<InetSocketAddress>identity()::apply),
            NetworkConfig.DEFAULT.dnsServers()));
  }

  private static String groupName(String text) {
    return ((EgressRule.ToGroup) requireGroup(text)).group();
  }

  private static EgressRule requireGroup(String text) {
    if (!text.startsWith("@")) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is not a group's name: begin it with @, in quotes");
    }
    return EgressRule.parse(text);
  }

  private static EgressRule host(String text) {
    EgressRule rule = EgressRule.parse(text);
    if (rule instanceof EgressRule.ToGroup) {
      throw new IllegalArgumentException(
          Quote.of(text) + " is a group, and a group holds hosts only: list its hosts here");
    }
    return rule;
  }

  private static EgressRule exact(String text) {
    EgressRule rule = EgressRule.parse(text);
    EgressPolicy.requireExact(rule);
    return rule;
  }

  /** The names of all groups there are. */
  static Set<String> known(List<String> own) {
    Set<String> all = new TreeSet<>(EgressGroups.builtInNames());
    all.addAll(own);
    return all;
  }
}
