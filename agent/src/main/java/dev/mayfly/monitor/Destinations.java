package dev.mayfly.monitor;

import dev.mayfly.event.Actor;
import dev.mayfly.event.Event;
import dev.mayfly.event.Observation;
import dev.mayfly.flow.RecentMap;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;

/** Who tried to reach what lately. Safe for use by many threads. */
final class Destinations {
  private static final int MOST = 2_048;

  private final Map<Key, Actor> reached = new RecentMap<>(MOST);

  private record Key(InetAddress address, int port) {}

  void add(Observation observation) {
    if (observation.event() instanceof Event.Socket socket
        && (socket.use() == Event.Socket.Use.CONNECT || socket.use() == Event.Socket.Use.SEND)) {
      socket.address().ifPresent(address -> put(address, socket.port(), observation.actor()));
    }
  }

  private synchronized void put(InetAddress address, int port, Actor actor) {
    reached.put(new Key(address, port), actor);
  }

  /**
   * The last one who tried.
   *
   * @param port 0 where the protocol has none
   */
  synchronized Optional<Actor> who(InetAddress address, int port) {
    return Optional.ofNullable(reached.get(new Key(address, port)));
  }
}
