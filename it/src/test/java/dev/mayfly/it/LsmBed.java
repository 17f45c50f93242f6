package dev.mayfly.it;

import dev.mayfly.event.Event;
import dev.mayfly.monitor.EventSource;
import dev.mayfly.monitor.EventSource.Answer;
import dev.mayfly.monitor.EventSource.Target;
import dev.mayfly.monitor.EventSource.Watching;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Where a machine that is there for LsmIT alone does what LSM can refuse: cgroups that are
 * sandboxes, and rooms with files, each used once, in an overlay as containers have it.
 */
final class LsmBed {
  /** What the kernel answers where the monitor refuses. */
  static final int EPERM = 1;

  /** How a shell tells the end by SIGKILL. */
  static final int KILLED = 137;

  /** The room, in an act's command. */
  static final String ROOM = "ROOM";

  private static final int ROOMS = 120;
  private static final Path MERGED = Path.of("/tmp/merged");
  private static final List<String> FILES =
      List.of(
          ".aws/credentials",
          ".ssh/id_rsa",
          ".ssh/authorized_keys",
          ".docker/config.json",
          ".npmrc",
          "cron.d/old",
          "etc/crontab",
          ".bashrc",
          "plain/file");

  private int rooms;

  /** Makes the rooms, in what will be all files of the machine. */
  static void makeRooms(Path tree) throws IOException {
    for (int room = 0; room < ROOMS; room++) {
      for (String file : FILES) {
        Path path = tree.resolve("rooms/room-" + room).resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, "canary");
      }
    }
  }

  /** In the machine. */
  LsmBed() throws IOException {
    for (String directory : List.of("merged", "upper", "work")) {
      Files.createDirectory(Path.of("/tmp", directory));
    }
    String layers = "lowerdir=/rooms,upperdir=/tmp/upper,workdir=/tmp/work,redirect_dir=on";
    int mounted =
        WatchedCgroup.await(
            WatchedCgroup.start(
                List.of("mount", "-t", "overlay", "-o", layers, "overlay", MERGED.toString())));
    if (mounted != 0) {
      throw new IOException("an overlay can't be mounted on " + MERGED);
    }
  }

  /**
   * What was seen of an act.
   *
   * @param code what it ended with: 0 or an errno
   */
  record Seen(int code, List<Event> events) {
    /** How the first such event was told: what became of it, and for which mark. */
    String told(Predicate<Event> which) {
      return events.stream()
          .filter(which)
          .map(Event::stamp)
          .map(stamp -> stamp.effect() + stamp.mark().map(mark -> " " + mark).orElse(""))
          .findFirst()
          .orElse("nothing");
    }
  }

  /** The arguments of an act, in a room of its own. */
  String[] command(String act) {
    String room = MERGED.resolve("room-" + (act.contains(ROOM) ? rooms++ : rooms)).toString();
    return Stream.concat(Stream.of("/act"), Stream.of(act.replace(ROOM, room).split(" ")))
        .toArray(String[]::new);
  }

  /** In a sandbox for which the kernel has these answers. */
  Seen watched(EventSource source, Set<Answer> answers, String act) throws IOException {
    return watched(source, answers, act, true);
  }

  /** In one whose container is still being started by the engine. */
  Seen whileItStarts(EventSource source, Set<Answer> answers, String act) throws IOException {
    return watched(source, answers, act, false);
  }

  private Seen watched(EventSource source, Set<Answer> answers, String act, boolean started)
      throws IOException {
    SeenEvents seen = new SeenEvents();
    int code;
    try (WatchedCgroup cgroup = new WatchedCgroup()) {
      Watching watching = source.watch(new Target(cgroup.path(), answers), seen);
      if (started) {
        watching.started(1);
      }
      code = inside(cgroup, act);
      watching.end();
    }
    require(seen.losses().isEmpty(), "nothing is lost: " + seen.losses());
    return new Seen(code, seen.all());
  }

  int inside(WatchedCgroup cgroup, String act) {
    return cgroup.run(command(act));
  }

  /** In a cgroup that nobody watches. */
  int beside(String act) {
    try (WatchedCgroup cgroup = new WatchedCgroup()) {
      return inside(cgroup, act);
    }
  }

  static void require(boolean holds, String what) {
    if (!holds) {
      throw new AssertionError("not so: " + what);
    }
  }

  static void require(Object expected, Object found, String of) {
    require(expected.equals(found), of + " is " + expected + ", but " + found);
  }
}
