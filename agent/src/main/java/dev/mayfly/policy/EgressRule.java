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
   * @param server whether it is about the CI server that handed out the job, which may be in the
   *     organisation's own network; no configuration says so
   */
  record Terms(
      Optional<ByteSize> maxUpload, boolean withoutSni, boolean encryptedHello, boolean server) {
    public static final Terms NONE = new Terms(Optional.empty(), false, false);

    public Terms(Optional<ByteSize> maxUpload, boolean withoutSni, boolean encryptedHello) {
      this(maxUpload, withoutSni, encryptedHello, false);
    }

    /** The same but for what only the TLS gate asks for. */
    Terms withoutTls() {
      return new Terms(maxUpload, false, false, server);
    }

    /** The same for the CI server's own hosts. */
    Terms ofServer() {
      return new Terms(maxUpload, withoutSni, encryptedHello, true);
    }
  }

  /** What {@link #parse} takes, but for bounds; in the dialect that Java and ECMA-262 share. */
  String PATTERN =
      "@[a-z0-9][a-z0-9-]{0,62}"
          + "|(?:\\*\\.)?[^ @*:/\\[\\]]+(?:(?:/[0-9]{1,3})?:[0-9]{1,5}(?:-[0-9]{1,5})?(?:/udp)?)?"
          + "|\\[[0-9a-fA-F:.]+(?:/[0-9]{1,3})?\\]:[0-9]{1,5}(?:-[0-9]{1,5})?(?:/udp)?";

  /**
   * Reads one of {@code NAME}, {@code NAME:PORTS}, {@code *.NAME:PORTS}, {@code ADDRESS:PORTS},
   * {@code ADDRESS/PREFIX:PORTS}, {@code [ADDRESS]:PORTS}, {@code [ADDRESS/PREFIX]:PORTS}, each
   * with {@code /udp} at its end or without, and {@code @GROUP}.
   *
   * @throws IllegalArgumentException with cause and remedy where the text is none of them, or what
   *     no rule can allow
   */
  static EgressRule parse(String text) {
    return EgressRuleText.parse(text);
  }

  /**
   * The same rule on terms.
   *
   * @throws IllegalArgumentException where the terms ask for what nobody looks at on connections of
   *     this rule
   */
  default EgressRule on(Terms terms) {
    boolean tls = terms.withoutSni() || terms.encryptedHello();
    boolean gated =
        switch (this) {
          case ToGroup _ -> true;
          case ToRange _ -> false;
          case ToName name -> name.isTls();
        };
    if (tls && !gated) {
      throw new IllegalArgumentException(
          (terms.withoutSni() ? "without-sni" : "encrypted-hello")
              + " is for rules by name on TCP port 443, where the TLS gate looks; delete it");
    }
    return carrying(text(), terms);
  }

  /** The same rule with another text, and on terms as far as they make sense for it. */
  default EgressRule carrying(String text, Terms terms) {
    return switch (this) {
      case ToGroup group -> new ToGroup(text, group.group(), terms);
      case ToRange to ->
          new ToRange(text, to.range(), to.transport(), to.ports(), terms.withoutTls());
      case ToName to ->
          new ToName(
              text, to.name(), to.transport(), to.ports(), to.isTls() ? terms : terms.withoutTls());
    };
  }

  /** What is allowed, the terms left out: equal for rules that allow the same in other words. */
  default String meaning() {
    return switch (this) {
      case ToGroup group -> group.group();
      case ToRange to ->
          (to.range().isIpv4() ? to.range() : "[" + to.range() + "]")
              + ":"
              + to.ports()
              + "/"
              + to.transport().word();
      case ToName to -> to.name() + ":" + to.ports() + "/" + to.transport().word();
    };
  }

  /** Hosts by name. */
  record ToName(String text, DomainPattern name, Transport transport, PortRange ports, Terms terms)
      implements EgressRule {

    /** Whether it is about TLS on its own port, where the gate can look at names. */
    public boolean isTls() {
      return transport == Transport.TCP && ports.equals(PortRange.HTTPS);
    }
  }

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
