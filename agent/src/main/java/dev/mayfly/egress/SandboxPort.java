package dev.mayfly.egress;

import dev.mayfly.linux.Errno;
import dev.mayfly.linux.NftablesException;
import dev.mayfly.nftables.Arming;
import dev.mayfly.nftables.NftTable;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A sandbox's place on the network. */
public final class SandboxPort {
  private final SandboxLinks.Link link;
  private final ArmedSandbox armed;
  private final NftTable table;
  private final Pinholes pinholes;

  /** How what was done is undone, the last first. */
  private final List<Step> undo = new ArrayList<>();

  private Duration took = Duration.ZERO;
  private Optional<Counts> last = Optional.empty();

  private interface Step {
    void take() throws IOException;
  }

  SandboxPort(EgressNetwork network, SandboxLinks.Link link, ArmedSandbox armed, NftTable table) {
    this.link = link;
    this.armed = armed;
    this.table = table;
    this.pinholes = new Pinholes(link.address().device(), table);
    undo.add(() -> network.remove(this));
  }

  /**
   * What the kernel counted of a sandbox.
   *
   * @param refused packets that were refused
   * @param untold those of them that no event tells of, not even of an equal one
   * @param unseen connections that were let through and that no event tells of
   * @param sent bytes by number of rule, for rules with a budget
   */
  public record Counts(long refused, long untold, long unseen, Map<Integer, Long> sent) {
    public Counts {
      sent = Map.copyOf(sent);
    }
  }

  void arm(String supervisor, SandboxClasses classes, Endpoints endpoints) throws IOException {
    int number = classes.take(armed.plan());
    undo.add(() -> classes.giveBack(armed.plan()));
    Arming arming =
        new Arming(
            link.address().device(),
            armed.name(),
            link.address().ipv4(),
            link.address().ipv6(),
            supervisor,
            number,
            endpoints.resolvers(),
            SandboxClass.budgets(armed.plan()));
    long start = System.nanoTime();
    table.arm(arming);
    took = Duration.ofNanos(System.nanoTime() - start);
    undo.add(() -> disarm(arming));
    undo.add(this::tell);
  }

  /** Where somebody else took some of it away, whatever is left goes. */
  private void disarm(Arming arming) throws IOException {
    try {
      table.disarm(arming, pinholes.close());
    } catch (NftablesException e) {
      if (!e.says(Errno.ENOENT)) {
        throw e;
      }
      if (table.exists()) {
        table.sweep(Set.of(arming.device()));
      }
    }
  }

  /** How long it took to put its rules in force. */
  public Duration arming() {
    return took;
  }

  public ArmedSandbox armed() {
    return armed;
  }

  SandboxLinks.Link link() {
    return link;
  }

  Pinholes pinholes() {
    return pinholes;
  }

  /**
   * What was counted so far; once the sandbox is off the network, what was counted until then.
   *
   * @throws IOException where it can't be read
   */
  public synchronized Counts counts() throws IOException {
    return last.isPresent() ? last.get() : read();
  }

  private Counts read() throws IOException {
    NftTable.Counts counts = table.counts(link.address().device());
    Map<Integer, Long> sent = new HashMap<>();
    for (int rule : SandboxClass.budgets(armed.plan()).keySet()) {
      sent.put(rule, table.used(link.address().device(), rule));
    }
    return new Counts(counts.refused(), counts.untold(), counts.unseen(), sent);
  }

  /** Tells of what no event was for. */
  private void tell() throws IOException {
    Counts counts;
    try {
      counts = read();
    } catch (NftablesException e) {
      if (!e.says(Errno.ENOENT)) {
        throw e;
      }
      armed.listener().seen(new EgressEvent.Lost("its rules were taken away before it ended"));
      return;
    }
    last = Optional.of(counts);
    if (counts.untold() > 0) {
      armed
          .listener()
          .seen(
              new EgressEvent.Lost(
                  counts.untold() + " refused packets were too many to be told one by one"));
    }
    if (counts.unseen() > 0) {
      armed
          .listener()
          .seen(
              new EgressEvent.Lost(
                  counts.unseen() + " connections were too many to be told one by one"));
    }
  }

  /**
   * Takes the sandbox off the network, once no process of it is left. Can be called again where
   * something of it failed.
   *
   * @throws IOException of the first step that failed; all others were taken
   */
  public synchronized void detach() throws IOException {
    IOException failed = null;
    for (Step step : List.copyOf(undo).reversed()) {
      try {
        step.take();
        undo.remove(step);
      } catch (IOException e) {
        if (failed == null) {
          failed = e;
        } else {
          failed.addSuppressed(e);
        }
      }
    }
    if (failed != null) {
      throw failed;
    }
  }
}
