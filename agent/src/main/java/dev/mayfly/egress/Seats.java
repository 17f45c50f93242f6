package dev.mayfly.egress;

import io.netty.channel.Channel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * How many connections each sandbox has, and what they hold in memory, so that none takes what
 * others need. Safe for use by many threads.
 */
final class Seats {
  private final GateBounds bounds;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<ArmedSandbox, Row> rows = new HashMap<>();

  Seats(GateBounds bounds) {
    this.bounds = bounds;
  }

  private static final class Row {
    final Set<Channel> channels = new HashSet<>();
    int hellos;
    long bytes;
  }

  /** A seat until the connection is closed; empty where the sandbox has no more. */
  Optional<Seat> take(ArmedSandbox sandbox, Channel channel) {
    lock.lock();
    try {
      Row row = rows.computeIfAbsent(sandbox, _ -> new Row());
      if (row.channels.size() >= bounds.connections() || row.hellos >= bounds.hellos()) {
        return Optional.empty();
      }
      row.channels.add(channel);
      row.hellos++;
      Seat seat = new Seat(sandbox, channel);
      channel.closeFuture().addListener(_ -> seat.leave());
      return Optional.of(seat);
    } finally {
      lock.unlock();
    }
  }

  List<Channel> of(ArmedSandbox sandbox) {
    lock.lock();
    try {
      Row row = rows.get(sandbox);
      return row == null ? List.of() : List.copyOf(row.channels);
    } finally {
      lock.unlock();
    }
  }

  List<Channel> all() {
    lock.lock();
    try {
      return rows.values().stream().flatMap(row -> row.channels.stream()).toList();
    } finally {
      lock.unlock();
    }
  }

  /** What one connection takes of its sandbox's share. */
  final class Seat {
    private final ArmedSandbox sandbox;
    private final Channel channel;
    private boolean heard;
    private long held;

    Seat(ArmedSandbox sandbox, Channel channel) {
      this.sandbox = sandbox;
      this.channel = channel;
    }

    ArmedSandbox sandbox() {
      return sandbox;
    }

    /**
     * Counts bytes that were read and not passed on yet.
     *
     * @return false where that is more than the sandbox may have in memory
     */
    boolean hold(long bytes) {
      return changed(bytes, heard);
    }

    /** The hello is complete and allowed. */
    void hear() {
      changed(0, true);
    }

    /** Nothing is held in memory any more. */
    void pass() {
      changed(-held, heard);
    }

    private boolean changed(long bytes, boolean nowHeard) {
      lock.lock();
      try {
        Row row = rows.get(sandbox);
        if (row == null || !row.channels.contains(channel)) {
          return false;
        }
        row.bytes += bytes;
        held += bytes;
        if (nowHeard && !heard) {
          row.hellos--;
          heard = true;
        }
        return row.bytes <= bounds.helloBytes();
      } finally {
        lock.unlock();
      }
    }

    private void leave() {
      lock.lock();
      try {
        changed(-held, true);
        Row row = rows.get(sandbox);
        if (row != null && row.channels.remove(channel) && row.channels.isEmpty()) {
          rows.remove(sandbox);
        }
      } finally {
        lock.unlock();
      }
    }
  }
}
