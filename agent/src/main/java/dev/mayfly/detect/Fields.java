package dev.mayfly.detect;

import static dev.mayfly.detect.EventKind.CALL;
import static dev.mayfly.detect.EventKind.CHANGE;
import static dev.mayfly.detect.EventKind.DNS;
import static dev.mayfly.detect.EventKind.EXEC;
import static dev.mayfly.detect.EventKind.EXIT;
import static dev.mayfly.detect.EventKind.FORK;
import static dev.mayfly.detect.EventKind.OPEN;
import static dev.mayfly.detect.EventKind.SIGNAL;
import static dev.mayfly.detect.EventKind.SOCKET;
import static dev.mayfly.detect.EventKind.UNIX;

import dev.mayfly.event.Actor;
import dev.mayfly.event.Event;
import dev.mayfly.event.Stamp;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Every field that conditions can use. */
final class Fields {
  private static final int AF_INET = 2;

  private static final FieldGroup<Event> ANY =
      new FieldGroup<>(EventKind.ALL, false, (scene, _) -> scene.event());
  private static final FieldGroup<Actor> PROCESS =
      new FieldGroup<>(
          EventKind.OF_PROCESSES, true, (scene, actor) -> ofNobody(scene) ? null : actor);
  private static final FieldGroup<Scene> OWN_PROCESS =
      new FieldGroup<>(EventKind.OF_PROCESSES, false, (scene, _) -> ofNobody(scene) ? null : scene);
  private static final FieldGroup<Event.Executed> EXECUTED =
      FieldGroup.of(EXEC, Event.Executed.class);
  private static final FieldGroup<Event.Exited> EXITED = FieldGroup.of(EXIT, Event.Exited.class);
  private static final FieldGroup<Event.Forked> FORKED = FieldGroup.of(FORK, Event.Forked.class);
  private static final FieldGroup<Event.Signalled> SIGNALLED =
      FieldGroup.of(SIGNAL, Event.Signalled.class);
  private static final FieldGroup<Event.Socket> SOCKETS = FieldGroup.of(SOCKET, Event.Socket.class);
  private static final FieldGroup<Event.UnixConnected> UNIX_SOCKETS =
      FieldGroup.of(UNIX, Event.UnixConnected.class);
  private static final FieldGroup<Event.Called> CALLED = FieldGroup.of(CALL, Event.Called.class);
  private static final FieldGroup<Event.Opened> OPENED = FieldGroup.of(OPEN, Event.Opened.class);
  private static final FieldGroup<Event.Changed> CHANGED =
      FieldGroup.of(CHANGE, Event.Changed.class);
  private static final FieldGroup<TouchedFile> FILE =
      new FieldGroup<>(Set.of(OPEN, CHANGE), false, (scene, _) -> scene.file());
  private static final FieldGroup<Event.Asked> ASKED = FieldGroup.of(DNS, Event.Asked.class);

  private static final List<Field> ALL =
      List.of(
          new Field.Choice(
              new Field.About("event", "What happened.", EventKind.ALL, false),
              words(EventKind.values()),
              (scene, _) -> scene.kind().word()),
          ANY.choice(
              "effect",
              "What became of it: told only, refused by the kernel, or killed its process.",
              words(Stamp.Effect.values()),
              event -> word(event.stamp().effect())),
          ANY.choice(
              "mark",
              "For what mark of a file the kernel refused it or killed; none of others.",
              words(Stamp.Mark.values()),
              event -> orNull(event.stamp().mark().map(Fields::word))),
          PROCESS.number("process.pid", "Its number.", actor -> (long) actor.key().pid()),
          new Field.Text(
              ofProcesses("process.name", "Last part of what it was called as; a script's name."),
              (scene, actor) -> ofNobody(scene) ? null : scene.name(actor)),
          new Field.Text(
              ofProcesses("process.program", "Last part of the path of what runs."),
              (scene, actor) -> ofNobody(scene) ? null : scene.program(actor)),
          PROCESS.text(
              "process.path", "File that runs; of a script, its interpreter.", Actor::path),
          PROCESS.text(
              "process.called", "As it was executed; of a script, the script.", Actor::called),
          new Field.Texts(
              ofProcesses("process.args", "Its arguments, its own name first."),
              List.of(),
              (scene, actor) -> ofNobody(scene) ? null : actor.arguments(),
              Fields::command),
          new Field.Text(
              ofProcesses("process.command", "Its arguments with a blank between them."),
              Fields::command),
          PROCESS.text("process.directory", "Where it was when it was executed.", Actor::directory),
          PROCESS.number("process.uid", "Its user.", actor -> (long) actor.uid()),
          PROCESS.number(
              "process.session", "Leader of its session.", actor -> (long) actor.session()),
          PROCESS.number(
              "process.generation",
              "How many ancestors it has.",
              actor -> (long) actor.generation()),
          PROCESS.flag(
              "process.nameless",
              "Its file has no name: deleted, or only ever in memory.",
              actor -> actor.file().nameless()),
          PROCESS.flag(
              "process.on-tmpfs", "Its file lies in memory.", actor -> actor.file().onTmpfs()),
          OWN_PROCESS.flag(
              "process.parent-died",
              "Its present parent is not who made it.",
              Fields::lostItsParent),
          OWN_PROCESS.text(
              "process.thread-name",
              "Name of the thread, which it can choose itself.",
              scene -> scene.event().stamp().name()),
          EXECUTED.texts(
              "exec.capabilities",
              "Effective ones, such as SYS_ADMIN.",
              Capabilities.NAMES,
              event -> Capabilities.of(event.capabilities())),
          EXECUTED.flag(
              "exec.flawed",
              "Its arguments or a path could not be told whole.",
              event -> !event.flaws().isEmpty()),
          EXITED.number(
              "exit.code",
              "What it gave to exit(2); none where a signal ended it.",
              event -> event.signal() == 0 ? (Long) (long) event.code() : null),
          EXITED.number(
              "exit.signal", "What signal ended it, or 0.", event -> (long) event.signal()),
          EXITED.flag(
              "exit.leaves-children",
              "It had children, who get another parent.",
              Event.Exited::leavesChildren),
          FORKED.flag("fork.entered", "The new process came from outside.", Event.Forked::entered),
          FORKED.flag(
              "fork.new-user-namespace",
              "The new process has a user name space of its own.",
              Event.Forked::newUserNamespace),
          FORKED.flag(
              "fork.new-pid-namespace",
              "The new process has a pid name space of its own.",
              Event.Forked::newPidNamespace),
          SIGNALLED.number(
              "signal.number",
              "What signal was sent to a process outside.",
              event -> (long) event.signal()),
          SIGNALLED.number(
              "signal.target", "Number of that process.", event -> (long) event.target()),
          SOCKETS.choice(
              "socket.use",
              "What was done.",
              words(Event.Socket.Use.values()),
              event -> event.use().word()),
          SOCKETS.text(
              "socket.transport",
              "tcp, udp, icmp or raw; type-N of another.",
              Event.Socket::transport),
          SOCKETS.address(
              "socket.address", "None of a socket that is made.", event -> orNull(event.address())),
          SOCKETS.number("socket.port", "0 where there is none.", event -> (long) event.port()),
          SOCKETS.choice(
              "socket.family",
              "Of its addresses.",
              List.of("ipv4", "ipv6"),
              event -> event.family() == AF_INET ? "ipv4" : "ipv6"),
          UNIX_SOCKETS.text(
              "unix.name",
              "What the socket outside is bound to; @… of an abstract one.",
              Event.UnixConnected::name),
          UNIX_SOCKETS.number(
              "unix.peer",
              "Process that listens there; none where it is not known.",
              event -> event.peer() == 0 ? null : (Long) (long) event.peer()),
          CALLED.text(
              "call.name", "System call, such as ptrace; #N of one unnamed.", Event.Called::call),
          CALLED.flag("call.ok", "It did not fail.", event -> event.result() >= 0),
          CALLED.number(
              "call.result", "What it returned; -errno if it failed.", Event.Called::result),
          CALLED.choice(
              "call.abi",
              "How it came into the kernel.",
              words(Event.Called.Abi.values()),
              event -> word(event.abi())),
          argument(0),
          argument(1),
          argument(2),
          argument(3),
          argument(4),
          argument(5),
          FILE.text("file.path", "In the mount tree, not as it was called.", TouchedFile::path),
          FILE.text("file.name", "Last part of its path.", TouchedFile::name),
          FILE.text(
              "file.directory",
              "Its path without the last part and the slash before that.",
              TouchedFile::directory),
          FILE.flag(
              "file.written",
              "Opened for writing or truncated; changed in any way but unlink.",
              TouchedFile::written),
          OPENED.flag(
              "file.read",
              "Opened for reading.",
              event -> event.access() != Event.Opened.Access.WRITE),
          FILE.flag(
              "file.created",
              "Opened so that it is made if it is not there; create, link, symlink.",
              TouchedFile::created),
          FILE.flag(
              "file.nameless",
              "It has no name: deleted, or only ever in memory.",
              file -> file.identity().nameless()),
          FILE.flag("file.on-tmpfs", "It lies in memory.", file -> file.identity().onTmpfs()),
          OPENED.number(
              "file.owner",
              "Of a file in /proc/PID, that process; none of others.",
              event -> event.owner() == 0 ? null : (Long) (long) event.owner()),
          OPENED.flag(
              "file.of-other",
              "In /proc/PID of another process than itself.",
              event -> event.owner() != 0 && event.owner() != event.stamp().process().pid()),
          CHANGED.choice(
              "change.kind",
              "What was changed.",
              words(Event.Changed.Change.values()),
              event -> event.change().word()),
          CHANGED.text(
              "change.from",
              "Former path of what was renamed; of a link, where it leads to.",
              event -> orNull(event.from())),
          ASKED.text("dns.name", "What was asked for.", Event.Asked::name),
          ASKED.text("dns.type", "Of the record, such as TXT.", Event.Asked::type),
          ASKED.flag("dns.refused", "The policy does not allow it.", Event.Asked::refused),
          ASKED.number(
              "dns.length", "Characters of the name.", event -> (long) event.name().length()),
          ASKED.number(
              "dns.longest-label",
              "Characters of its longest part.",
              event -> labels(event).mapToLong(String::length).max().orElse(0)),
          ASKED.number("dns.labels", "How many parts it has.", event -> labels(event).count()));

  private static final Map<String, Field> BY_NAME =
      Collections.unmodifiableMap(
          ALL.stream()
              .collect(
                  Collectors.toMap(
                      Field::name, Function.identity(), (one, _) -> one, LinkedHashMap::new)));

  private Fields() {}

  /** In the order of the documentation. */
  static List<Field> all() {
    return ALL;
  }

  static Optional<Field> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  static Collection<String> names() {
    return BY_NAME.keySet();
  }

  /** Of a question to the resolver it is not known which process asked. */
  private static boolean ofNobody(Scene scene) {
    return scene.kind() == DNS;
  }

  private static Field.About ofProcesses(String name, String description) {
    return new Field.About(name, description, EventKind.OF_PROCESSES, true);
  }

  private static @Nullable String command(Scene scene, Actor actor) {
    return ofNobody(scene) ? null : scene.command(actor);
  }

  private static Field argument(int number) {
    return CALLED.number(
        "call.arg" + number,
        "Argument " + number + " as it was in the register.",
        event -> number < event.arguments().size() ? event.arguments().get(number) : null);
  }

  private static Boolean lostItsParent(Scene scene) {
    int present = scene.event().stamp().parent();
    return scene.actor().parent().filter(maker -> maker.key().pid() != present).isPresent();
  }

  private static Stream<String> labels(Event.Asked event) {
    return Arrays.stream(event.name().split("\\.")).filter(label -> !label.isEmpty());
  }

  private static <T> @Nullable T orNull(Optional<T> value) {
    return value.orElse(null);
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static List<String> words(Enum<?>[] values) {
    return Arrays.stream(values).map(Fields::word).toList();
  }
}
