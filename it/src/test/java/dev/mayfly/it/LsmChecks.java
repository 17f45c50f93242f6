package dev.mayfly.it;

import static dev.mayfly.it.LsmBed.EPERM;
import static dev.mayfly.it.LsmBed.KILLED;
import static dev.mayfly.it.LsmBed.require;

import dev.mayfly.event.Event;
import dev.mayfly.event.Event.Changed.Change;
import dev.mayfly.event.Stamp.Mark;
import dev.mayfly.monitor.BpfSource;
import dev.mayfly.monitor.EventSource.Answer;
import dev.mayfly.monitor.EventSource.Target;
import dev.mayfly.monitor.EventSource.Watching;
import dev.mayfly.monitor.SandboxActivity;
import dev.mayfly.monitor.Watch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** What LSM refuses in sandboxes, each where it is refused and where it is not. */
final class LsmChecks {
  private static final Set<Answer> ALL = EnumSet.allOf(Answer.class);

  private static final String REFUSED = "REFUSED";
  private static final String TOLD = "TOLD";

  /** The machine's first process, which no sandbox has started. */
  private static final String INIT = "1";

  private final LsmBed bed;
  private final BpfSource source;

  LsmChecks(LsmBed bed, BpfSource source) {
    this.bed = bed;
    this.source = source;
  }

  /** A check, which throws where something is not as it should be. */
  interface Check {
    void run(LsmChecks checks) throws IOException;
  }

  /** All of them, by their names. */
  static Map<String, Check> all() {
    Map<String, Check> all = new LinkedHashMap<>();
    credentials(all);
    persistence(all);
    memory(all);
    kernel(all);
    all.put("what is watched and not refusable", LsmChecks::leavesAloneWhatIsOnlyWatched);
    all.put("what was refused is reported", LsmChecks::reportsWhatWasRefused);
    return all;
  }

  private static void credentials(Map<String, Check> all) {
    Answers those =
        new Answers(Mark.CREDENTIALS, Answer.REFUSE_CREDENTIALS, Answer.KILL_CREDENTIALS);
    opens(all, those, "read ROOM/.aws/credentials");
    opens(all, those, "read ROOM/.ssh/id_rsa");
    opens(all, those, "read ROOM/.docker/config.json");
    opens(all, those, "read-by-link ROOM/plain/alias ROOM/.aws/credentials");
    changes(all, those, Change.RENAME, "rename ROOM/.aws/credentials ROOM/plain/moved");
    changes(all, those, Change.LINK, "link ROOM/.aws/credentials ROOM/plain/linked");
    changes(all, those, Change.RENAME, "rename ROOM/.docker ROOM/plain/moved");
  }

  private static void persistence(Map<String, Check> all) {
    Answers those =
        new Answers(Mark.PERSISTENCE, Answer.REFUSE_PERSISTENCE, Answer.KILL_PERSISTENCE);
    opens(all, those, "write ROOM/cron.d/old");
    opens(all, those, "write ROOM/.ssh/authorized_keys");
    opens(all, those, "write ROOM/etc/crontab");
    opens(all, those, "write ROOM/.bashrc");
    opens(all, those, "write-by-mount ROOM/cron.d ROOM/plain ROOM/plain/old");
    changes(all, those, Change.CREATE, "create ROOM/cron.d/new");
    changes(all, those, Change.RENAME, "rename ROOM/plain/file ROOM/cron.d/new");
    changes(all, those, Change.LINK, "link ROOM/plain/file ROOM/cron.d/new");
    changes(all, those, Change.SYMLINK, "symlink ROOM/plain/file ROOM/cron.d/new");
    changes(all, those, Change.UNLINK, "remove ROOM/cron.d/old");
    changes(all, those, Change.RENAME, "rename ROOM/etc ROOM/plain/moved");
  }

  /** Those two that are about the same mark. */
  private record Answers(Mark mark, Answer refuse, Answer kill) {
    Set<Answer> others() {
      return EnumSet.complementOf(EnumSet.of(refuse, kill));
    }
  }

  private static void opens(Map<String, Check> all, Answers those, String act) {
    Predicate<Event> told = opened(path(act));
    all.put(act, checks -> checks.refusesAndKills(those, act, told));
  }

  private static void changes(Map<String, Check> all, Answers those, Change change, String act) {
    Predicate<Event> told = changed(change, path(act));
    all.put(act, checks -> checks.refusesAndKills(those, act, told));
  }

  /** What is told of an act in a room: the last of its paths. */
  private static String path(String act) {
    return act.substring(act.lastIndexOf(LsmBed.ROOM) + LsmBed.ROOM.length());
  }

  private static Predicate<Event> opened(String path) {
    return event -> event instanceof Event.Opened opened && opened.path().endsWith(path);
  }

  private static Predicate<Event> changed(Change change, String path) {
    return event ->
        event instanceof Event.Changed changed
            && changed.change() == change
            && changed.path().endsWith(path);
  }

  private static Predicate<Event> called(String call) {
    return event -> event instanceof Event.Called called && called.call().equals(call);
  }

  private void refusesAndKills(Answers those, String act, Predicate<Event> told)
      throws IOException {
    String refused = REFUSED + " " + those.mark();
    became(EPERM, refused, bed.watched(source, Set.of(those.refuse()), act), told);
    became(KILLED, refused, bed.watched(source, Set.of(those.kill()), act), told);
    became(0, TOLD, bed.watched(source, those.others(), act), told);
    require(0, bed.beside(act), "what it ends with where nobody watches");
  }

  private static void became(int code, String how, LsmBed.Seen seen, Predicate<Event> told) {
    require(code, seen.code(), "what it ends with");
    require(how, seen.told(told), "what is told");
  }

  private static void memory(Map<String, Check> all) {
    String open = "open-memory " + INIT;
    String attach = "attach " + INIT;
    Predicate<Event> opened =
        event -> event instanceof Event.Opened that && that.owner() == Integer.parseInt(INIT);
    all.put(open, checks -> checks.refusesMemory(KILLED, open, opened));
    all.put(attach, checks -> checks.refusesMemory(EPERM, attach, called("ptrace")));
    all.put("attach-to-child", LsmChecks::allowsDebuggers);
  }

  private void refusesMemory(int code, String act, Predicate<Event> told) throws IOException {
    EnumSet<Answer> kill = EnumSet.of(Answer.KILL_MEMORY_READERS);
    became(code, REFUSED, bed.watched(source, kill, act), told);
    became(0, TOLD, bed.watched(source, EnumSet.complementOf(kill), act), told);
    became(0, TOLD, bed.whileItStarts(source, kill, act), told);
    require(0, bed.beside(act), "what it ends with where nobody watches");
  }

  private void allowsDebuggers() throws IOException {
    became(0, TOLD, bed.watched(source, ALL, "attach-to-child"), called("ptrace"));
  }

  private static void kernel(Map<String, Check> all) {
    put(all, "raw-socket", socket(3));
    put(all, "packet-socket", called("socket").or(socket(2)));
    put(all, "bpf", called("bpf"));
    put(all, "load-module /dummy.ko dummy", called("finit_module"));
  }

  private static void put(Map<String, Check> all, String act, Predicate<Event> told) {
    all.put(act, checks -> checks.refusesInEachSandbox(act, told));
  }

  private static Predicate<Event> socket(int type) {
    return event -> event instanceof Event.Socket socket && socket.type() == type;
  }

  /** Whatever the policy says; what starts the container is no sandbox's. */
  private void refusesInEachSandbox(String act, Predicate<Event> told) throws IOException {
    became(EPERM, REFUSED, bed.watched(source, Set.of(), act), told);
    became(0, TOLD, bed.whileItStarts(source, ALL, act), told);
    require(0, bed.beside(act), "what it ends with where nobody watches");
  }

  private void leavesAloneWhatIsOnlyWatched() throws IOException {
    became(0, TOLD, bed.watched(source, ALL, "read ROOM/.npmrc"), opened("/.npmrc"));
  }

  private void reportsWhatWasRefused() throws IOException {
    Set<Answer> refuse = Set.of(Answer.REFUSE_CREDENTIALS, Answer.REFUSE_PERSISTENCE);
    Watch watch = new Watch(_ -> {});
    try (watch;
        WatchedCgroup cgroup = new WatchedCgroup()) {
      watch.from(source, 0);
      Watching watching = source.watch(new Target(cgroup.path(), refuse), watch);
      watching.started(1);
      require(EPERM, bed.inside(cgroup, "read ROOM/.aws/credentials"), "what it ends with");
      require(EPERM, bed.inside(cgroup, "create ROOM/cron.d/new"), "what it ends with");
      watching.end();
      watch.finish(Duration.ofMinutes(1));
    }
    SandboxActivity activity = watch.activity();
    require(List.of(), activity.losses(), "what is lost");
    require(List.of(), activity.weaknesses(), "what is seen less of");
    require(
        List.of("read credentials by /act", "create new by /act"),
        activity.files().stream()
            .filter(SandboxActivity.FileRecord::refused)
            .map(
                file ->
                    file.use() + " " + Path.of(file.path()).getFileName() + " by " + file.program())
            .toList(),
        "what was refused");
  }
}
