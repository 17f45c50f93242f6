package dev.mayfly.supervisor;

import dev.mayfly.egress.Egress;
import dev.mayfly.egress.EgressEvent;
import dev.mayfly.egress.EgressJournal;
import dev.mayfly.egress.EgressListener;
import dev.mayfly.egress.EgressSummary;
import dev.mayfly.egress.SandboxPort;
import dev.mayfly.event.Event;
import dev.mayfly.event.ProcessKey;
import dev.mayfly.event.Stamp;
import dev.mayfly.linux.KernelClock;
import dev.mayfly.linux.Processes;
import dev.mayfly.policy.EgressMode;
import dev.mayfly.policy.Policy;
import dev.mayfly.sandbox.Guard;
import dev.mayfly.sandbox.GuardException;
import dev.mayfly.sandbox.LoopbackGuard;
import dev.mayfly.sandbox.SandboxId;
import dev.mayfly.sandbox.SandboxPlan;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** Puts sandboxes on the network as their policies say, and keeps what was seen of them there. */
public final class SandboxNetwork implements Guard {
  /** The resolver is not told which process asks. */
  private static final ProcessKey NOBODY = new ProcessKey(0, 0);

  private static final String ANY_TYPE = "any";

  private final Egress egress;
  private final Guard without = new LoopbackGuard();
  private final Map<SandboxId, Watched> watched = new ConcurrentHashMap<>();

  public SandboxNetwork(Egress egress) {
    this.egress = egress;
  }

  /** What is kept of one sandbox. */
  private static final class Watched implements EgressListener {
    private final EgressJournal journal;
    private final Consumer<Event.Asked> questions;
    private volatile Optional<SandboxPort> port = Optional.empty();

    Watched(EgressJournal journal, Consumer<Event.Asked> questions) {
      this.journal = journal;
      this.questions = questions;
    }

    @Override
    public void seen(EgressEvent event) {
      journal.seen(event);
      switch (event) {
        case EgressEvent.Answered answered -> asked(answered.name().text(), answered.type(), false);
        case EgressEvent.Refused refused
            when refused.layer() == EgressEvent.Layer.NAME && refused.name().isPresent() ->
            asked(refused.name().get(), ANY_TYPE, true);
        default -> {}
      }
    }

    private void asked(String name, String type, boolean refused) {
      Stamp stamp =
          new Stamp(0, KernelClock.boottime(), NOBODY, 0, 0, 0, 0, 0, "", Stamp.Effect.TOLD);
      questions.accept(new Event.Asked(stamp, name, type, refused));
    }
  }

  /**
   * Says who is to be told what a sandbox that will be made is refused. To be followed by {@link
   * #forget}.
   *
   * @param firstRefused must not block
   * @param questions takes each name that is asked for; must not block
   */
  void watch(
      SandboxId id,
      Consumer<EgressSummary.Connection> firstRefused,
      Consumer<Event.Asked> questions) {
    watched.put(id, new Watched(new EgressJournal(firstRefused), questions));
  }

  /**
   * What was seen of a sandbox; nothing more is kept of it then.
   *
   * @return empty where it was not on the network
   */
  Optional<EgressSummary> forget(SandboxId id) {
    Watched seen = watched.remove(id);
    return seen == null ? Optional.empty() : seen.port.map(port -> summary(seen, port));
  }

  /** What was seen of a sandbox so far. */
  Optional<EgressSummary> seen(SandboxId id) {
    Watched seen = watched.get(id);
    return seen == null ? Optional.empty() : seen.port.map(port -> summary(seen, port));
  }

  /** What of a policy lets data out to anybody, for a person. */
  List<String> risks(Policy policy) {
    return policy.egress().mode() == EgressMode.NONE ? List.of() : egress.risks(policy.egress());
  }

  private static EgressSummary summary(Watched seen, SandboxPort port) {
    try {
      return seen.journal.summary(Optional.of(port.counts().refused()));
    } catch (IOException e) {
      return seen.journal.summary(Optional.empty());
    }
  }

  @Override
  public String name() {
    return without.name();
  }

  @Override
  public Armed arm(Target target) throws GuardException {
    Policy policy = target.plan().policy();
    if (target.plan().joined().isPresent()) {
      return joined(target, target.plan().joined().get());
    }
    if (policy.egress().mode() == EgressMode.NONE) {
      return without.arm(target);
    }
    SandboxId id = target.plan().id();
    Watched seen =
        watched.computeIfAbsent(id, _ -> new Watched(new EgressJournal(_ -> {}), _ -> {}));
    try {
      SandboxPort port =
          egress.attach(
              id.value(), target.pid(), policy.egressInForce(), target.plan().aliases(), seen);
      seen.port = Optional.of(port);
      return () -> egress.detach(port);
    } catch (IOException e) {
      throw new GuardException(
          "egress control",
          String.valueOf(e.getMessage()),
          "mayfly check tells what the host lacks; egress: {mode: none} does without a network",
          e);
    }
  }

  /** The rules of whose network it is in are in force on it, too. */
  private static Armed joined(Target target, SandboxPlan.Joined other) throws GuardException {
    try {
      if (Processes.namespace(target.pid(), "net")
          .equals(Processes.namespace(other.pid(), "net"))) {
        return () -> {};
      }
    } catch (IOException e) {
      throw new GuardException(
          "network of a service", "it can't be read: " + e.getMessage(), "start the job again", e);
    }
    throw new GuardException(
        "network of a service",
        "it is not the job's",
        "mayfly check tells what the engine can't do",
        null);
  }
}
