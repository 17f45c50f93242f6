package dev.mayfly.detect;

import dev.mayfly.event.Event;
import dev.mayfly.policy.IpRange;
import java.net.Inet4Address;
import java.net.InetAddress;

/** What an event was done to, in a few words. */
final class Targets {
  private static final int LONGEST = 512;

  private Targets() {}

  /** As the rule says it, else what fits the event's kind; cut where it is very long. */
  static String of(Rule rule, Scene scene) {
    return Evidence.cut(
        rule.target().map(template -> template.of(scene)).orElseGet(() -> of(scene)), LONGEST);
  }

  private static String of(Scene scene) {
    return switch (scene.event()) {
      case Event.Executed _ -> scene.command(scene.actor());
      case Event.Forked _, Event.Exited _, Event.Moved _ -> scene.actor().path();
      case Event.Signalled event -> "process " + event.target();
      case Event.Socket event ->
          event
              .address()
              .map(address -> bracketed(address) + ":" + event.port())
              .orElseGet(() -> event.transport() + " socket");
      case Event.UnixConnected event -> event.name();
      case Event.Called event -> event.call();
      case Event.Opened event -> event.path();
      case Event.Changed event -> event.path();
      case Event.Asked event -> event.name();
    };
  }

  private static String bracketed(InetAddress address) {
    String text = IpRange.show(address);
    return address instanceof Inet4Address ? text : "[" + text + "]";
  }
}
