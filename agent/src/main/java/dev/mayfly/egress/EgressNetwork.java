package dev.mayfly.egress;

import dev.mayfly.linux.Conntrack;
import dev.mayfly.linux.Errno;
import dev.mayfly.linux.HeldNamespace;
import dev.mayfly.linux.NftablesException;
import dev.mayfly.linux.Processes;
import dev.mayfly.nftables.NftTable;
import dev.mayfly.policy.DomainName;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One supervisor's part of the network: puts its sandboxes on it, opens what they may reach, says
 * that it is alive, and tells what was refused. Safe for use by many threads.
 */
public final class EgressNetwork implements PacketLayer, AutoCloseable {
  /** How long the kernel lets sandboxes open connections after the last sign of life. */
  public static final Duration ALIVE = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(EgressNetwork.class);
  private static final int BEATS = 3;
  private static final int TRIES = 8;
  private static final String CUT_OFF =
      "somebody removed the table inet mayfly or its rules from the host's packet filter, so the"
          + " sandbox was cut off the network";

  private final HostNetwork host;
  private final NftTable table;
  private final Endpoints endpoints;
  private final ArmedSandboxes sandboxes;
  private final Duration alive;
  private final SandboxLinks links;
  private final SandboxClasses classes;
  private final Map<String, SandboxPort> byDevice = new ConcurrentHashMap<>();
  private final Map<Integer, SandboxPort> byIndex = new ConcurrentHashMap<>();
  private final ScheduledExecutorService heart =
      Executors.newSingleThreadScheduledExecutor(
          // No virtual thread: it must not wait for a carrier that a native call holds.
          Thread.ofPlatform().daemon().name("egress-heartbeat").factory());
  private final ScheduledFuture<?> beating;
  private final Thread reader;
  private volatile boolean beats = true;
  private volatile boolean whole = true;

  /**
   * Starts the signs of life, and the reading of what is refused.
   *
   * @param sandboxes gets those that are on the network
   * @param alive how long a sign of life holds; three are given in that time
   */
  public EgressNetwork(
      HostNetwork host, Endpoints endpoints, ArmedSandboxes sandboxes, Duration alive) {
    this.host = host;
    this.table = host.table();
    this.endpoints = endpoints;
    this.sandboxes = sandboxes;
    this.alive = alive;
    this.links = host.links();
    this.classes = new SandboxClasses(host.supervisor(), table);
    long period = alive.toMillis() / BEATS;
    this.beating = heart.scheduleAtFixedRate(this::beat, 0, period, TimeUnit.MILLISECONDS);
    RefusalLog refusals =
        new RefusalLog(
            host.plan(),
            index -> Optional.ofNullable(byIndex.get(index)).map(SandboxPort::armed),
            () -> byIndex.values().stream().map(SandboxPort::armed).toList());
    this.reader = Thread.ofPlatform().daemon().name("egress-log").start(() -> read(refusals));
  }

  private void read(RefusalLog refusals) {
    try {
      host.log().read(refusals);
    } catch (IOException | RuntimeException e) {
      LOG.error("The log of refused packets can't be read any more: {}", e.toString());
      refusals.lost(Optional.empty());
    }
  }

  private void beat() {
    try {
      table.beat(host.supervisor(), alive);
      beats = true;
      if (!table.isWhole()) {
        removed();
      }
    } catch (IOException | RuntimeException e) {
      // Whatever it is, the next attempt has to be made.
      if (beats) {
        LOG.error("The sandboxes can't open connections any more: {}", e.toString());
      }
      beats = false;
      if (e instanceof NftablesException said && said.says(Errno.ENOENT)) {
        removed();
      }
    }
  }

  /** Without the rules nothing holds the sandboxes back: somebody flushed the packet filter. */
  private void removed() {
    if (whole) {
      LOG.error("Somebody removed the table inet mayfly or its rules: the sandboxes are cut off");
    }
    whole = false;
    for (SandboxPort port : byIndex.values()) {
      try {
        links.cut(port.link());
        port.armed().listener().seen(new EgressEvent.Lost(CUT_OFF));
        port.armed().listener().seen(EgressEvent.Refused.everything(CUT_OFF));
      } catch (IOException e) {
        LOG.error(
            "sandbox={} can't be cut off the network: {}", port.armed().name(), e.getMessage());
      }
    }
  }

  /**
   * Puts a sandbox on the network. When this returns, its rules are in force.
   *
   * @param sandbox its id, which begins with the supervisor's
   * @param pid of a process in its network name space, which has no device yet but loopback
   * @param aliases further names of its own loopback, which nobody else is asked for
   * @throws IOException where that did not work; nothing is left then
   */
  public SandboxPort attach(
      String sandbox, long pid, EgressPlan plan, Set<DomainName> aliases, EgressListener listener)
      throws IOException {
    if (!whole) {
      throw new IOException(
          "somebody removed the table inet mayfly or its rules while this supervisor ran; let its"
              + " jobs end, and start it again");
    }
    try (HeldNamespace inside = Processes.holdSame(pid, "net")) {
      SandboxLinks.refuseWired(inside);
      for (int left = TRIES; ; left--) {
        try {
          return attached(sandbox, inside, plan, aliases, listener);
        } catch (NftablesException e) {
          // Rules of a sandbox that is gone are still there for the number: the next one, then.
          if (left == 0 || !e.says(Errno.EEXIST)) {
            throw e;
          }
        }
      }
    }
  }

  private SandboxPort attached(
      String sandbox,
      HeldNamespace inside,
      EgressPlan plan,
      Set<DomainName> aliases,
      EgressListener listener)
      throws IOException {
    SandboxLinks.Link link;
    try (HostNetwork.Held _ = host.lock()) {
      link = links.make(sandbox, inside);
    }
    SandboxPort port =
        new SandboxPort(
            this, link, new ArmedSandbox(sandbox, link.address(), plan, aliases, listener), table);
    try {
      byDevice.put(link.address().device(), port);
      byIndex.put(link.device(), port);
      port.arm(host.supervisor(), classes, endpoints);
      sandboxes.add(port.armed());
      links.connect(link, inside);
      return port;
    } catch (IOException | RuntimeException e) {
      try {
        port.detach();
      } catch (IOException further) {
        e.addSuppressed(further);
      }
      throw e;
    }
  }

  /** Takes a sandbox's link away, and forgets its connections. */
  void remove(SandboxPort port) throws IOException {
    String device = port.link().address().device();
    links.remove(device);
    sandboxes.remove(port.armed());
    byDevice.remove(device);
    afterLastLog(() -> byIndex.remove(port.link().device()));
    try (Conntrack conntrack = Conntrack.open()) {
      conntrack.forget(port.link().address().ipv4());
      conntrack.forget(port.link().address().ipv6());
    }
  }

  /** Does something once the kernel has nothing more to log that was before. */
  private void afterLastLog(Runnable work) throws IOException {
    try {
      heart
          .schedule(work, HostNetwork.LOG_DELAY.multipliedBy(3).toMillis(), TimeUnit.MILLISECONDS)
          .get();
    } catch (RejectedExecutionException | CancellationException _) {
      work.run();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      work.run();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted before the last of the log was read", e);
    }
  }

  @Override
  public void open(SandboxAddress sandbox, List<Opening> openings) throws IOException {
    SandboxPort port = byDevice.get(sandbox.device());
    if (port == null) {
      throw new IOException("the sandbox at " + sandbox.device() + " is not on the network");
    }
    port.pinholes().open(openings.stream().map(endpoints::pinhole).toList());
  }

  /**
   * Stops. Sandboxes that are still on the network stay there, and can open nothing any more once
   * the last sign of life ran out. To be called before the {@link HostNetwork} is closed.
   */
  @Override
  public void close() {
    beating.cancel(false);
    heart.shutdownNow();
    host.log().stop();
    try {
      heart.awaitTermination(1, TimeUnit.SECONDS);
      reader.join(Duration.ofSeconds(1));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
