package dev.mayfly.egress;

import dev.mayfly.flow.RecentMap;
import dev.mayfly.policy.DomainName;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Tells questions that carry data out in their names from those that look for hosts. One for each
 * sandbox; not safe for use by many threads.
 *
 * <p>What a name can carry is in the labels below its <em>zone</em>: what somebody registered,
 * about. A name asked before carries nothing. Each new one costs the bytes of these labels, four
 * times as many where a label looks encoded, and is taken out of two budgets that refill with time:
 * one of the zone and one of the sandbox over all zones, each in names and in bytes. Beyond a
 * length that no host has, a name is refused at once. So a job has the handful of names of each
 * zone that jobs have, those of content networks with their hashes among them, but no channel of
 * more than some hundred bytes a minute. A slower one cannot be told from honest questions; a rule
 * for the name ends the doubt, as only names that no rule names exactly are judged.
 */
final class TunnelGuard {
  /** Labels below the zone, with their dots. Longest seen of a host in use: 78. */
  private static final int LONGEST_BELOW = 120;

  private static final int ENCODED_FROM = 24;
  private static final double ENCODED_BITS = 3.3;
  private static final int ENCODED_FACTOR = 4;

  private static final Rate ZONE = new Rate(100, 60, 2048, 1024);
  private static final Rate SANDBOX = new Rate(600, 300, 16_384, 8192);

  /** A zone that a rule names by wildcard is the policy's choice; floods stay noticed. */
  private static final Rate RULED = new Rate(800, 480, 16_384, 8192);

  private static final int MOST_ZONES = 256;
  private static final int MOST_KNOWN = 1024;

  private final Budget all = new Budget(SANDBOX);

  private final Map<String, Zone> zones = new RecentMap<>(MOST_ZONES);

  /** Names and bytes at once, and by the minute. */
  private record Rate(int names, int namesAMinute, int bytes, int bytesAMinute) {}

  private static final class Budget {
    private final Rate rate;
    private double names;
    private double bytes;
    private long at = Long.MIN_VALUE;

    Budget(Rate rate) {
      this.rate = rate;
    }

    void refill(long now) {
      double minutes = at == Long.MIN_VALUE ? Double.MAX_VALUE : (now - at) / 60e9;
      names = Math.min(rate.names, names + minutes * rate.namesAMinute);
      bytes = Math.min(rate.bytes, bytes + minutes * rate.bytesAMinute);
      at = now;
    }

    boolean has(int cost) {
      return names >= 1 && bytes >= cost;
    }

    void take(int cost) {
      names--;
      bytes -= cost;
    }
  }

  private static final class Zone {
    private final Budget budget;
    private final Set<String> known = new HashSet<>();

    Zone(Rate rate) {
      budget = new Budget(rate);
    }
  }

  /**
   * Judges a name, and counts it.
   *
   * @param wildcard the base of the wildcard rule that allows the name; empty where the mode does
   * @param now of {@link System#nanoTime}
   * @return why the name is not to be asked, for a person; empty where it may be
   */
  Optional<String> objection(DomainName name, Optional<DomainName> wildcard, long now) {
    String zone = wildcard.map(DomainName::text).orElseGet(() -> name.registered().text());
    int below = Math.max(0, name.text().length() - zone.length() - 1);
    String labels = name.text().substring(0, below);
    if (wildcard.isEmpty() && below > LONGEST_BELOW) {
      return Optional.of(
          "a name of " + below + " letters below " + zone + " looks like data on their way out");
    }
    Zone asked =
        wildcard.isEmpty()
            ? zones.computeIfAbsent(zone, _ -> new Zone(ZONE))
            : zones.computeIfAbsent("*." + zone, _ -> new Zone(RULED));
    if (asked.known.contains(labels)) {
      return Optional.empty();
    }
    int cost = cost(labels);
    asked.budget.refill(now);
    all.refill(now);
    if (!asked.budget.has(cost) || (wildcard.isEmpty() && !all.has(cost))) {
      return Optional.of(
          "so many different names below "
              + (asked.budget.has(cost) ? "so many zones" : zone)
              + " look like data on their way out");
    }
    asked.budget.take(cost);
    if (wildcard.isEmpty()) {
      all.take(cost);
    }
    if (asked.known.size() < MOST_KNOWN) {
      asked.known.add(labels);
    }
    return Optional.empty();
  }

  private static int cost(String labels) {
    int cost = 0;
    for (String label : labels.split("\\.")) {
      cost += label.length() * (looksEncoded(label) ? ENCODED_FACTOR : 1);
    }
    return cost;
  }

  /**
   * Whether a label looks like base32, base64 or hexadecimal digits: long, with digits among its
   * letters, and no letter much more often than others.
   */
  static boolean looksEncoded(String label) {
    if (label.length() < ENCODED_FROM) {
      return false;
    }
    int[] counts = new int[128];
    int digits = 0;
    for (int i = 0; i < label.length(); i++) {
      char c = label.charAt(i);
      counts[c]++;
      digits += c >= '0' && c <= '9' ? 1 : 0;
    }
    double bits = 0;
    for (int count : counts) {
      if (count > 0) {
        double share = (double) count / label.length();
        bits -= share * Math.log(share) / Math.log(2);
      }
    }
    return bits >= ENCODED_BITS && digits * 10 >= label.length();
  }
}
