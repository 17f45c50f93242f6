package dev.mayfly.bpf;

import dev.mayfly.event.Event;

/** What a record of the ring is. */
public sealed interface Decoded {
  /** An event. */
  record Told(Event event) implements Decoded {}

  /**
   * Nothing that a program of ours writes.
   *
   * @param why without any of its text
   */
  record Malformed(String why) implements Decoded {}
}
