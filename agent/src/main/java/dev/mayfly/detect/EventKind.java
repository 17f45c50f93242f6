package dev.mayfly.detect;

import dev.mayfly.event.Event;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** The kinds of events, as conditions name them. */
enum EventKind {
  FORK(Event.Forked.class),
  EXEC(Event.Executed.class),
  EXIT(Event.Exited.class),
  SIGNAL(Event.Signalled.class),
  MOVE(Event.Moved.class),
  SOCKET(Event.Socket.class),
  UNIX(Event.UnixConnected.class),
  CALL(Event.Called.class),
  OPEN(Event.Opened.class),
  CHANGE(Event.Changed.class),
  DNS(Event.Asked.class);

  static final Set<EventKind> ALL = Set.copyOf(EnumSet.allOf(EventKind.class));

  /** Of those it is known which process did it. */
  static final Set<EventKind> OF_PROCESSES = Set.copyOf(EnumSet.complementOf(EnumSet.of(DNS)));

  private final Class<? extends Event> type;
  private final String word;

  EventKind(Class<? extends Event> type) {
    this.type = type;
    this.word = name().toLowerCase(Locale.ROOT);
  }

  Class<? extends Event> type() {
    return type;
  }

  static EventKind of(Event event) {
    return switch (event) {
      case Event.Forked _ -> FORK;
      case Event.Executed _ -> EXEC;
      case Event.Exited _ -> EXIT;
      case Event.Signalled _ -> SIGNAL;
      case Event.Moved _ -> MOVE;
      case Event.Socket _ -> SOCKET;
      case Event.UnixConnected _ -> UNIX;
      case Event.Called _ -> CALL;
      case Event.Opened _ -> OPEN;
      case Event.Changed _ -> CHANGE;
      case Event.Asked _ -> DNS;
    };
  }

  String word() {
    return word;
  }
}
