package dev.mayfly.detect;

import static dev.mayfly.event.Event.Opened.Access.READ;
import static dev.mayfly.event.Event.Opened.Access.READ_WRITE;
import static dev.mayfly.event.Event.Opened.Access.WRITE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.event.Actor;
import dev.mayfly.event.Event;
import dev.mayfly.event.Event.Changed.Change;
import dev.mayfly.event.FileIdentity;
import dev.mayfly.event.Observation;
import dev.mayfly.event.ProcessKey;
import dev.mayfly.event.Stamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConditionTest {
  private static final Actor DPKG = Sample.process(10, "/usr/bin/dpkg", "dpkg", "-i", "x.deb");
  private static final Actor SHELL =
      Sample.child(DPKG, 20, "/usr/bin/dash", "sh", "-c", "echo $(id) | tee /etc/cron.d/x");
  private static final Actor TEE =
      Sample.child(SHELL, 30, "/usr/bin/tee", "tee", "--append", "/etc/cron.d/x");
  private static final Map<String, List<String>> LISTS =
      Map.of("shells", List.of("sh", "dash"), "ports", List.of("22", "80"));

  private static boolean holds(String condition, Observation observation) {
    List<String> wrong = new ArrayList<>();
    Optional<Condition> read =
        Condition.parse(condition, LISTS, (at, message) -> wrong.add(at + ": " + message));
    assertThat(wrong).isEmpty();
    boolean holds = read.orElseThrow().holds(new Scene(observation));
    if (holds) {
      assertThat(read.get().kinds()).contains(EventKind.of(observation.event()));
    }
    return holds;
  }

  private static void check(String condition, String wanted, Observation observation) {
    assertThat(holds(condition, observation)).as(condition).isEqualTo(wanted.equals("yes"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          event = open | yes
          event != open | no
          event != exec | yes
          event in [exec, open] | yes
          effect = told | yes
          effect = killed | no
          process.pid = 30 | yes
          process.name = tee | yes
          process.program = tee | yes
          process.path = /usr/bin/tee | yes
          process.path != /usr/bin/tee | no
          process.path != /usr/bin/cat | yes
          process.path in [/usr/bin/cat, /usr/bin/tee] | yes
          process.path in [/usr/bin/cat, /usr/bin/TEE] | no
          process.called = /usr/bin/tee | yes
          process.args has --append | yes
          process.args has --app | no
          process.args has [--x, --append] | yes
          process.args startswith --app | yes
          process.args endswith /x | yes
          process.args contains append | yes
          process.args glob "/etc/*/x" | yes
          process.args matches "^--a.*d$" | yes
          process.command = "tee --append /etc/cron.d/x" | yes
          process.command contains "append /etc" | yes
          process.directory = /workspace | yes
          process.uid = 1001 | yes
          process.session = 10 | yes
          process.generation = 2 | yes
          process.nameless | no
          process.on-tmpfs | no
          process.parent-died | no
          process.thread-name = thread | yes
          file.path = /etc/cron.d/x | yes
          file.path contains cron | yes
          file.path contains [x-y, cron] | yes
          file.path startswith /etc/ | yes
          file.path startswith [/usr/, /var/] | no
          file.path endswith .d/x | yes
          file.path glob "/etc/cron.*/**" | yes
          file.path glob "/etc/**" | yes
          file.path glob "/etc/*" | no
          file.path glob "**/x" | yes
          file.path glob "**/cron.?/x" | yes
          file.path glob "/etc?cron.d/x" | no
          file.path glob "/etc/cron.d/x" | yes
          file.path glob "/etc/cron.d" | no
          file.path glob ["/a", "/etc/*/*"] | yes
          file.path matches "cron" | yes
          file.path matches "^cron" | no
          file.path matches "/cron\\\\.[a-d]+/" | yes
          file.path matches ["^a", "x$"] | yes
          file.name = x | yes
          file.directory = /etc/cron.d | yes
          file.written | yes
          file.written = yes | yes
          file.written = no | no
          file.written != no | yes
          file.read | no
          file.read = no | yes
          not file.read | yes
          not not file.read | no
          file.created or file.written | yes
          file.created or file.read | no
          file.written and process.uid = 1001 | yes
          file.written and process.uid = 0 | no
          not file.created and not file.read | yes
          file.read and file.read or file.written | yes
          file.written or file.read and file.read | yes
          (file.written or file.read) and file.read | no
          not file.read and file.written | yes
          not (file.read and file.written) | yes
          parent(process.path = /usr/bin/dash) | yes
          parent(process.name in $shells) | yes
          parent(process.name = dpkg) | no
          parent(not process.name = dpkg) | yes
          ancestor(process.name = dpkg) | yes
          ancestor(process.name = dash and process.args has -c) | yes
          ancestor(process.name = dpkg and process.args has -c) | no
          ancestor(process.name = tee) | no
          self-or-ancestor(process.name = tee) | yes
          self-or-ancestor(process.name = dpkg) | yes
          not ancestor(process.path = /usr/bin/dpkg) | no
          ancestor(process.command contains "echo $(id)") | yes
          ancestor(process.command matches "id. . tee") | yes
          process.uid < 1002 and process.uid <= 1001 and process.uid > 1000 and process.uid >= 1001 | yes
          process.uid < 1001 | no
          process.uid > 1001 | no
          process.uid != 1001 | no
          process.uid = 0x3e9 | yes
          process.uid in $ports | no
          process.pid in [22, 30] | yes
          """)
  void holdsOfAFileThatIsWritten(String condition, String wanted) {
    check(condition, wanted, Sample.opened(TEE, "/etc/cron.d/x", WRITE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "socket.port = 0",
        "socket.port != 0",
        "socket.use != bind",
        "socket.address within 0.0.0.0/0",
        "dns.name != x",
        "change.from != x",
        "change.kind != create",
        "exec.flawed = no",
        "exec.capabilities contains A",
        "file.owner != 1",
        "exit.code != 3",
        "call.ok = no",
        "call.arg5 < 1"
      })
  void doesNotHoldOfWhatAnEventDoesNotHave(String condition) {
    Observation read = Sample.opened(TEE, "/etc/cron.d/x", READ);
    assertThat(holds(condition, read)).isFalse();
    assertThat(holds("not " + condition, read)).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          event = socket and socket.use = connect | yes
          socket.use in [bind, send] | no
          socket.transport = tcp | yes
          socket.family = ipv4 | yes
          socket.port in $ports | yes
          socket.port = 443 | no
          socket.address within 169.254.0.0/16 | yes
          socket.address within 169.254.169.254 | yes
          socket.address within "fe80::/10" | no
          socket.address within [10.0.0.0/8, 169.254.169.0/24] | yes
          socket.address within [10.0.0.0/8, 192.168.0.0/16] | no
          file.written | no
          """)
  void holdsOfAConnection(String condition, String wanted) {
    check(condition, wanted, Sample.connected(TEE, "169.254.169.254", 80));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          event = exec | yes
          exec.capabilities has SYS_ADMIN | yes
          exec.capabilities has [KILL, CHOWN] | yes
          exec.capabilities has KILL | no
          exec.capabilities startswith SYS_ | yes
          exec.flawed | no
          process.nameless and process.on-tmpfs | yes
          process.name = run.sh | yes
          process.program = dash | yes
          process.called = ./run.sh | yes
          """)
  void holdsOfAProgramFromMemory(String condition, String wanted) {
    check(condition, wanted, Sample.exec(Sample.called(SHELL, "./run.sh", Sample.MEMORY)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          call.name = ptrace | yes
          call.ok | no
          call.ok = no | yes
          call.result = -1 | yes
          call.result < 0 | yes
          call.abi = native | yes
          call.abi != compat | yes
          call.arg0 = 16 | yes
          call.arg0 = 0x10 | yes
          call.arg1 = -1 | yes
          call.arg1 = 0xffffffffffffffff | yes
          call.arg2 = 0 | no
          """)
  void holdsOfASystemCall(String condition, String wanted) {
    check(condition, wanted, Sample.called(TEE, "ptrace", -1, 16L, -1L));
  }

  @Test
  void tellsHowAFileWasOpenedAndChanged() {
    Observation both = Sample.opened(TEE, "/x", READ_WRITE);
    assertThat(holds("file.read and file.written", both)).isTrue();
    for (Change change : Change.values()) {
      Observation changed = Sample.changed(TEE, change, "/etc/x");
      assertThat(holds("change.kind = " + change.word(), changed)).isTrue();
      assertThat(holds("file.written", changed)).isEqualTo(change != Change.UNLINK);
      assertThat(holds("file.created", changed))
          .isEqualTo(Set.of(Change.CREATE, Change.LINK, Change.SYMLINK).contains(change));
      assertThat(holds("file.read", changed)).isFalse();
    }
    Observation renamed =
        new Observation(
            new Event.Changed(
                Sample.stamp(TEE), Change.RENAME, Sample.MEMORY, "/etc/x", Optional.of("/tmp/y")),
            TEE);
    assertThat(holds("change.from = /tmp/y and file.nameless and file.on-tmpfs", renamed)).isTrue();
  }

  @Test
  void tellsWhoseFileOfProcfsItIs() {
    Stamp stamp = Sample.stamp(TEE);
    Observation own =
        new Observation(
            new Event.Opened(stamp, Sample.FILE, "/30/mem", READ, false, false, 30), TEE);
    Observation others =
        new Observation(
            new Event.Opened(stamp, Sample.FILE, "/20/mem", READ, false, true, 20), TEE);
    assertThat(holds("file.of-other", own)).isFalse();
    assertThat(holds("file.owner = 30", own)).isTrue();
    assertThat(holds("file.of-other and file.owner = 20 and file.written", others)).isTrue();
  }

  @Test
  void tellsWhatElseHappens() {
    Stamp stamp = Sample.stamp(TEE);
    Observation fork =
        new Observation(new Event.Forked(stamp, new ProcessKey(31, 5), true, 2, true, false), TEE);
    assertThat(holds("event = fork and fork.entered and fork.new-user-namespace", fork)).isTrue();
    assertThat(holds("fork.new-pid-namespace", fork)).isFalse();
    Observation exit =
        new Observation(
            new Event.Exited(stamp, 3 << 8, Duration.ZERO, Duration.ZERO, 1, true), TEE);
    assertThat(holds("exit.code = 3 and exit.signal = 0 and exit.leaves-children", exit)).isTrue();
    Observation killed =
        new Observation(new Event.Exited(stamp, 9, Duration.ZERO, Duration.ZERO, 1, false), TEE);
    assertThat(holds("exit.signal = 9 and not exit.code = 0", killed)).isTrue();
    Observation signal = new Observation(new Event.Signalled(stamp, 9, 77, 0, true), TEE);
    assertThat(holds("signal.number = 9 and signal.target = 77", signal)).isTrue();
    assertThat(holds("event = move", new Observation(new Event.Moved(stamp, 31, 7), TEE))).isTrue();
    Observation unix =
        new Observation(
            new Event.UnixConnected(stamp, FileIdentity.UNKNOWN, "/run/docker.sock", 0, 0), TEE);
    assertThat(holds("unix.name endswith docker.sock and not unix.peer = 0", unix)).isTrue();
    Observation asked = Sample.asked("aaaa.bb.example.org.", "TXT", Duration.ZERO);
    assertThat(
            holds(
                "dns.name endswith .example.org. and dns.type = TXT and dns.refused = no"
                    + " and dns.length = 20 and dns.longest-label = 7 and dns.labels = 4",
                asked))
        .isTrue();
    assertThat(holds("process.uid >= 0 or process.path = \"\"", asked)).isFalse();
  }

  @Test
  void knowsThatAParentDied() {
    Stamp orphan = new Stamp(1, 0, TEE.key(), 30, 1, 1001, 1001, 10, "tee", Stamp.Effect.REFUSED);
    Observation observation =
        new Observation(new Event.Opened(orphan, Sample.FILE, "/x", READ, false, false, 0), TEE);
    assertThat(holds("process.parent-died and effect = refused", observation)).isTrue();
    assertThat(holds("process.parent-died", Sample.exec(DPKG))).isFalse();
  }

  @Test
  void looksAtTheNearestAncestorsOnly() {
    Actor last = Sample.process(1, "/first", "first");
    for (int pid = 2; pid <= 65; pid++) {
      last = Sample.child(last, pid, "/next", "next");
    }
    assertThat(holds("ancestor(process.name = first)", Sample.exec(last))).isTrue();
    Actor further = Sample.child(last, 66, "/next", "next");
    assertThat(holds("ancestor(process.name = first)", Sample.exec(further))).isFalse();
  }

  @Test
  void knowsOfWhichEventsAConditionCanHold() {
    assertThat(kinds("file.written")).containsExactlyInAnyOrder(EventKind.OPEN, EventKind.CHANGE);
    assertThat(kinds("file.written and event = open")).containsExactly(EventKind.OPEN);
    assertThat(kinds("file.written and event != open")).containsExactly(EventKind.CHANGE);
    assertThat(kinds("not event in [exec, open] and process.uid = 0"))
        .doesNotContain(EventKind.EXEC, EventKind.OPEN, EventKind.DNS)
        .hasSize(8);
    assertThat(kinds("not file.written")).isEqualTo(EventKind.ALL);
    assertThat(kinds("not (file.written or event = exec)"))
        .hasSize(10)
        .doesNotContain(EventKind.EXEC);
    assertThat(kinds("not (file.written and event = exec)")).isEqualTo(EventKind.ALL);
    assertThat(kinds("event = exec or dns.refused"))
        .containsExactlyInAnyOrder(EventKind.EXEC, EventKind.DNS);
  }

  private static Set<EventKind> kinds(String condition) {
    return Condition.parse(condition, Map.of(), (_, _) -> {}).orElseThrow().kinds();
  }
}
