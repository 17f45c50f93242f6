package dev.mayfly.egress;

import dev.mayfly.linux.LoggedPacket;
import dev.mayfly.linux.PacketLog;
import dev.mayfly.nftables.LogPrefix;
import dev.mayfly.policy.DomainName;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Supplier;

/**
 * Tells sandboxes' listeners what the kernel logged of their packets. Keeps nothing, so its memory
 * is the same under any flood: the kernel logs equal packets once in a while, and others up to a
 * rate.
 */
final class RefusalLog implements PacketLog.Sink {
  private final Verdict verdict;
  private final IntFunction<Optional<ArmedSandbox>> byDevice;
  private final Supplier<Collection<ArmedSandbox>> all;

  /**
   * @param byDevice whose device's index it is
   * @param all who may be concerned where packets were lost
   */
  RefusalLog(
      NetworkPlan network,
      IntFunction<Optional<ArmedSandbox>> byDevice,
      Supplier<Collection<ArmedSandbox>> all) {
    this.verdict = new Verdict(network);
    this.byDevice = byDevice;
    this.all = all;
  }

  @Override
  public void packet(LoggedPacket logged) {
    Optional<ArmedSandbox> sandbox = byDevice.apply(logged.device());
    Optional<LogPrefix> prefix = LogPrefix.of(logged.prefix());
    Optional<PacketHeader> packet = PacketHeader.of(logged.bytes());
    if (sandbox.isPresent() && prefix.isPresent() && packet.isPresent()) {
      sandbox.get().listener().seen(event(sandbox.get(), prefix.get(), packet.get(), logged));
    }
  }

  private EgressEvent event(
      ArmedSandbox sandbox, LogPrefix prefix, PacketHeader packet, LoggedPacket logged) {
    Optional<DomainName> name =
        sandbox.namesOf(packet.destination()).stream().min(Comparator.comparing(DomainName::text));
    return switch (prefix) {
      case ALLOWED, RECORDED ->
          new EgressEvent.Allowed(
              packet.protocol(),
              packet.destination(),
              packet.port(),
              name.map(DomainName::text),
              prefix == LogPrefix.ALLOWED);
      case REFUSED, LATE, SPENT, CROWDED, SPOOFED ->
          new EgressEvent.Refused(
              EgressEvent.Layer.PACKET,
              packet.protocol(),
              Optional.of(packet.destination()),
              packet.port(),
              name.map(DomainName::text),
              verdict.reason(sandbox.plan(), prefix, packet, logged.local(), name),
              verdict.suggestion(sandbox.plan(), prefix, packet, logged.local(), name));
    };
  }

  /** Whose they were is not known: it may be anybody's. */
  @Override
  public void lost(Optional<Integer> count) {
    EgressEvent lost =
        new EgressEvent.Lost(
            count.map(number -> number + " packets").orElse("packets")
                + " of some sandbox were refused or let through, and their log was lost");
    all.get().forEach(sandbox -> sandbox.listener().seen(lost));
  }
}
