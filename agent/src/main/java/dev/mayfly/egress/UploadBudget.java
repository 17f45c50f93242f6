package dev.mayfly.egress;

import dev.mayfly.egress.EgressPlan.Numbered;
import dev.mayfly.policy.ByteSize;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What sandboxes may still send by their rules, over all their connections. Held as long as the
 * sandbox itself is. Safe for use by many threads.
 */
final class UploadBudget {
  private final Map<ArmedSandbox, Map<Integer, Meter>> meters =
      Collections.synchronizedMap(new WeakHashMap<>());

  /** The meter of a rule; empty where the rule has no bound. */
  Optional<Meter> of(ArmedSandbox sandbox, Numbered rule) {
    return rule.rule()
        .terms()
        .maxUpload()
        .map(
            most ->
                meters
                    .computeIfAbsent(sandbox, _ -> new ConcurrentHashMap<>())
                    .computeIfAbsent(rule.number(), _ -> new Meter(most)));
  }

  /** What one sandbox may still send by one rule. */
  static final class Meter {
    private final ByteSize most;
    private final AtomicLong left;

    Meter(ByteSize most) {
      this.most = most;
      this.left = new AtomicLong(most.bytes());
    }

    /** What is left; where two connections send at once, both may send that much. */
    long left() {
      return Math.max(0, left.get());
    }

    /**
     * Counts what is to be sent.
     *
     * @return false where it was more than was left
     */
    boolean spend(long count) {
      return left.addAndGet(-count) >= 0;
    }

    /** Why nothing more is sent, for a person. */
    String reason() {
      return reached(most);
    }
  }

  static String reached(ByteSize most) {
    return "max-upload " + most + " reached";
  }
}
