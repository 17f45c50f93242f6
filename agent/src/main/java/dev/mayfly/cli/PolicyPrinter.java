package dev.mayfly.cli;

import dev.mayfly.egress.EgressGroups;
import dev.mayfly.job.Printable;
import dev.mayfly.policy.Durations;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.EgressPolicy;
import dev.mayfly.policy.EgressRule;
import dev.mayfly.policy.Glob;
import dev.mayfly.policy.IdTokenPolicy;
import dev.mayfly.policy.IpRange;
import dev.mayfly.policy.Limits;
import dev.mayfly.policy.Policy;
import dev.mayfly.policy.PolicyMatch;
import dev.mayfly.policy.SeccompKnob;
import dev.mayfly.policy.SpecialRanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** Policies and groups for a person who reads them in a terminal. */
final class PolicyPrinter {
  private static final String INDENT = " ".repeat(17);

  private final EgressGroups groups;

  PolicyPrinter(EgressGroups groups) {
    this.groups = groups;
  }

  String policy(Policy policy) {
    List<String> lines = new ArrayList<>();
    row(lines, "policy", policy.name());
    row(lines, "match", match(policy));
    row(
        lines,
        "image",
        policy.image()
            + (policy.requireDigest() ? ", only by digest" : "")
            + ", pull "
            + policy.pull().word());
    row(
        lines,
        "identity",
        policy.identity().map(identity -> identity.word()).orElse("as the engine allows")
            + (policy.readOnlyRoot() ? ", read-only root" : ""));
    if (!policy.seccompKnobs().isEmpty()) {
      row(
          lines,
          "seccomp",
          policy.seccompKnobs().stream()
              .map(SeccompKnob::word)
              .sorted()
              .collect(Collectors.joining(", ")));
    }
    row(lines, "limits", limits(policy.limits()));
    egress(lines, policy.egress());
    row(
        lines,
        "on-finding",
        policy.onFinding().byWord().entrySet().stream()
            .map(entry -> entry.getKey() + ": " + entry.getValue().word())
            .collect(Collectors.joining(", ")));
    policy.images().allow().ifPresent(allow -> row(lines, "images", only(allow)));
    policy.images().services().ifPresent(allow -> row(lines, "services", only(allow)));
    policy.secrets().allow().ifPresent(allow -> row(lines, "secrets", only(allow)));
    if (!policy.idTokens().equals(IdTokenPolicy.DEFAULT)) {
      row(lines, "id-tokens", idTokens(policy.idTokens()));
    }
    for (String warning : groups.warnings(policy.egress())) {
      row(lines, "WARNING", warning);
    }
    return String.join("\n", lines);
  }

  /** Every group that there is. */
  String groups() {
    List<String> lines = new ArrayList<>();
    for (String name : groups.names().stream().sorted().toList()) {
      EgressGroups.Group group = groups.group(name);
      lines.add(
          "group " + Printable.escaped(name + group.note().map(n -> " (" + n + ")").orElse("")));
      entries(lines, group, "  ");
    }
    return String.join("\n", lines);
  }

  private static void row(List<String> lines, String name, String text) {
    lines.add(String.format(Locale.ROOT, "%-15s  %s", name, Printable.escaped(text)));
  }

  private static String match(Policy policy) {
    PolicyMatch match = policy.match();
    List<String> conditions = new ArrayList<>();
    condition(conditions, "platform", match.platform());
    condition(conditions, "project", match.project());
    condition(conditions, "ref", match.ref());
    condition(conditions, "job", match.job());
    match.isProtected().ifPresent(value -> conditions.add("protected: " + value));
    if (!conditions.isEmpty()) {
      return String.join(", ", conditions);
    }
    return policy.name().equals(Policy.DEFAULT_NAME)
        ? "every job that no other policy matches"
        : "none: used by name only";
  }

  private static void condition(List<String> conditions, String name, List<Glob> patterns) {
    if (!patterns.isEmpty()) {
      conditions.add(name + ": " + or(patterns));
    }
  }

  private static String only(List<Glob> allow) {
    return allow.isEmpty() ? "none" : "only " + or(allow);
  }

  private static String or(List<Glob> patterns) {
    return patterns.stream().map(Glob::text).collect(Collectors.joining(" or "));
  }

  private static String idTokens(IdTokenPolicy tokens) {
    return "at most "
        + Durations.show(tokens.maxLifetime())
        + ", audience "
        + (tokens.audiences().isEmpty() ? "any" : or(tokens.audiences()))
        + tokens.jwksFile().map(file -> ", only those that " + file + " verifies").orElse("");
  }

  private static String limits(Limits limits) {
    return limits.cpus().toPlainString()
        + " cpus, "
        + limits.memory()
        + " memory, "
        + limits.pids()
        + " pids, "
        + limits.disk()
        + " disk, "
        + limits.inodes()
        + " inodes, "
        + limits.openFiles()
        + " open files, "
        + Durations.show(limits.lifetime())
        + ", "
        + limits.services()
        + " services";
  }

  private void egress(List<String> lines, EgressPolicy egress) {
    row(
        lines,
        "egress",
        egress.mode().word()
            + switch (egress.mode()) {
              case HTTPS ->
                  ": any public host on TCP port 443, and what is allowed below; "
                      + (egress.gate() ? "the TLS gate looks" : "no TLS gate");
              case ALLOWLIST -> ": what is allowed below";
              case NONE -> ": no network";
              case AUDIT -> ": everything but the refused ranges, recorded";
            });
    for (EgressRule rule : egress.allow()) {
      row(lines, "  allow", rule.text() + terms(rule.terms()));
      if (rule instanceof EgressRule.ToGroup to) {
        EgressGroups.Group group = groups.group(to.group());
        group.note().ifPresent(note -> lines.add(INDENT + "  " + note));
        entries(lines, group, INDENT + "  ");
      }
    }
    if (egress.mode() != EgressMode.NONE) {
      row(lines, "  refuse-ranges", ranges(egress.refusedRanges()));
      row(lines, "  refused-names", egress.refusedNames().word());
    }
  }

  private static void entries(List<String> lines, EgressGroups.Group group, String indent) {
    for (EgressGroups.Entry entry : group.entries()) {
      lines.add(
          indent
              + Printable.escaped(
                  String.format(Locale.ROOT, "%-45s %s", entry.rule().meaning(), entry.source())));
      entry.risk().ifPresent(risk -> lines.add(indent + "  RISK: " + Printable.escaped(risk)));
    }
  }

  private static String ranges(List<IpRange> ranges) {
    return ranges.equals(SpecialRanges.ALL)
        ? "default: " + ranges.size() + " ranges that no public host is in"
        : ranges.isEmpty()
            ? "none"
            : ranges.stream().map(IpRange::toString).collect(Collectors.joining(", "));
  }

  private static String terms(EgressRule.Terms terms) {
    List<String> shown = new ArrayList<>();
    terms.maxUpload().ifPresent(most -> shown.add("max-upload " + most));
    if (terms.withoutSni()) {
      shown.add("without-sni");
    }
    if (terms.encryptedHello()) {
      shown.add("encrypted-hello");
    }
    return shown.isEmpty() ? "" : " (" + String.join(", ", shown) + ")";
  }
}
