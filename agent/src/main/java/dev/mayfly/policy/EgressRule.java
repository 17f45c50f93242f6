package dev.mayfly.policy;

import java.util.Optional;

/** One line of what a sandbox may reach. */
public sealed interface EgressRule {
  /** The rule as the configuration writes it, so that a person finds it there. */
  String text();

  /** What is counted and asked for on each connection that the rule allows. */
  Terms terms();

  /**
   * The conditions of a rule.
   *
   * @param maxUpload bytes that one sandbox may send by this rule, over all its connections; then
   *     they are cut
   * @param withoutSni whether a TLS connection may name no server
   * @param encryptedHello whether a ClientHello may carry an encrypted one (RFC 9849), whose name
   *     nobody on the way can read
   */
  record Terms(Optional<ByteSize> maxUpload, boolean withoutSni, boolean encryptedHello) {
    public static final Terms NONE = new Terms(Optional.empty(), false, false);
  }

  /** Hosts by name. */
  record ToName(String text, DomainPattern name, Transport transport, PortRange ports, Terms terms)
      implements EgressRule {}

  /** Hosts by address. */
  record ToRange(String text, IpRange range, Transport transport, PortRange ports, Terms terms)
      implements EgressRule {}

  /**
   * Hosts of a group.
   *
   * @param group with its {@code @}
   */
  record ToGroup(String text, String group, Terms terms) implements EgressRule {}
}
