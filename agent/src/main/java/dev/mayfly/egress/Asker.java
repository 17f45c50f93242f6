package dev.mayfly.egress;

import dev.mayfly.policy.Transport;
import java.net.InetAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the resolver keeps of one sandbox. Used on the loop's thread alone; bounded. */
final class Asker {
  private static final int MOST_OUTSTANDING = 64;
  private static final int MOST_CONNECTIONS = 16;
  private static final int MOST_OPEN = 16_384;

  /** By how much what is open may end before what is asked for: replies' times are rounded up. */
  private static final long TOLERANCE = Duration.ofSeconds(10).toNanos();

  private final ArmedSandbox sandbox;
  private final NameJudge judge;
  private final Map<Target, Open> open = new HashMap<>();
  private int outstanding;
  private int connections;

  private record Target(InetAddress destination, Transport transport, int port, boolean gated) {
    Target(Opening opening) {
      this(opening.destination(), opening.transport(), opening.port(), opening.gated());
    }
  }

  private record Open(int rule, long until) {}

  Asker(ArmedSandbox sandbox) {
    this.sandbox = sandbox;
    this.judge = new NameJudge(sandbox);
  }

  ArmedSandbox sandbox() {
    return sandbox;
  }

  NameJudge judge() {
    return judge;
  }

  /** Whether one more question may wait for others; then {@link #ends} has to be called. */
  boolean begins() {
    if (outstanding >= MOST_OUTSTANDING) {
      return false;
    }
    outstanding++;
    return true;
  }

  void ends() {
    outstanding--;
  }

  /** Whether it may have one more connection; then {@link #disconnects} has to be called. */
  boolean connects() {
    if (connections >= MOST_CONNECTIONS) {
      return false;
    }
    connections++;
    return true;
  }

  void disconnects() {
    connections--;
  }

  /** Of some openings, those that the packet layer was not told before, or that end too early. */
  List<Opening> missing(List<Opening> wanted, long now) {
    return wanted.stream()
        .filter(
            opening -> {
              Open had = open.get(new Target(opening));
              return had == null
                  || had.rule() != opening.rule()
                  || had.until() - now < opening.time().toNanos() - TOLERANCE;
            })
        .toList();
  }

  void opened(List<Opening> done, long since) {
    if (open.size() + done.size() > MOST_OPEN) {
      open.values().removeIf(one -> one.until() - since <= 0);
    }
    if (open.size() + done.size() <= MOST_OPEN) {
      done.forEach(
          one -> open.put(new Target(one), new Open(one.rule(), since + one.time().toNanos())));
    }
  }

  /** Whatever was opened may be so no more. */
  void forgetOpenings() {
    open.clear();
  }
}
