package dev.mayfly.monitor;

import dev.mayfly.event.Event;
import dev.mayfly.event.Event.Called.Abi;
import dev.mayfly.event.ProcessKey;
import dev.mayfly.linux.KernelClock;
import dev.mayfly.linux.ProcessConnector;
import dev.mayfly.linux.ProcessDirectory;
import dev.mayfly.linux.ProcessEvent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The processes of all sandboxes, by the tree of forks: who is made by a member is one for ever,
 * wherever it goes. Who comes from outside is known by its cgroup when it executes something.
 */
final class Members implements ProcessConnector.Sink {
  private static final String LOST =
      "forks, programs and exits of this host's processes: they came faster than they were read";
  private static final long PTRACE_ATTACH = 16;
  private static final long PR_SET_NAME = 15;

  private final Map<Integer, Member> members = new ConcurrentHashMap<>();
  private final List<FallbackSandbox> sandboxes = new CopyOnWriteArrayList<>();

  /** Held by who changes anything. */
  private final ReentrantLock lock = new ReentrantLock();

  private long suspended = KernelClock.suspended();

  Optional<Member> of(int pid) {
    return Optional.ofNullable(members.get(pid));
  }

  List<FallbackSandbox> sandboxes() {
    return sandboxes;
  }

  void add(FallbackSandbox sandbox) {
    sandboxes.add(sandbox);
  }

  void remove(FallbackSandbox sandbox) {
    lock.lock();
    try {
      sandboxes.remove(sandbox);
      members.values().removeIf(member -> member.sandbox() == sandbox);
    } finally {
      lock.unlock();
    }
  }

  /** A process that is there already is told as one that came from outside just now. */
  void adopt(FallbackSandbox sandbox, int pid) {
    long now = KernelClock.boottime();
    lock.lock();
    try {
      @Nullable Member known = members.get(pid);
      if (known != null && known.sandbox() == sandbox) {
        return;
      }
      Description found = Description.of(pid, now);
      if (found.facts().isPresent()) {
        tell(now, enter(sandbox, pid, found.facts().get()), found);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Forgets who is gone without a word. */
  void check() {
    lock.lock();
    try {
      members.values().stream()
          .filter(
              member ->
                  Description.facts(member.key().pid())
                      .filter(facts -> isSame(facts, member.key()))
                      .isEmpty())
          .toList()
          .forEach(this::drop);
    } finally {
      lock.unlock();
    }
  }

  /** The time of the event of a fork is a little after the start of the process. */
  private static boolean isSame(ProcessFacts facts, ProcessKey key) {
    return Math.abs(facts.start() - key.start()) < Duration.ofSeconds(1).toNanos();
  }

  @Override
  public void event(long time, ProcessEvent event) {
    if (sandboxes.isEmpty()) {
      return;
    }
    lock.lock();
    try {
      take(time + suspended, event);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void lost(long count) {
    lock.lock();
    try {
      suspended = KernelClock.suspended();
      sandboxes.forEach(sandbox -> sandbox.lost(LOST, count));
    } finally {
      lock.unlock();
    }
  }

  private void take(long time, ProcessEvent event) {
    switch (event) {
      case ProcessEvent.Forked(int parent, int task, int process) -> {
        if (task == process) {
          forked(time, parent, process);
        } else {
          of(process).ifPresent(Member::threadBegan);
        }
      }
      case ProcessEvent.Executed(int process) -> executed(time, process);
      case ProcessEvent.Exited(int task, int process, int status) ->
          of(process)
              .filter(member -> member.threadEnded(task == process, status))
              .ifPresent(member -> exited(time, member));
      case ProcessEvent.UserChanged(int process, int real, int effective) ->
          of(process).ifPresent(member -> member.user(effective));
      case ProcessEvent.GroupChanged(int process, int real, int effective) ->
          of(process).ifPresent(member -> member.group(effective));
      case ProcessEvent.SessionBegan(int process) ->
          of(process)
              .ifPresent(
                  member -> {
                    member.session();
                    called(time, member, "setsid", process, 0, 0);
                  });
      case ProcessEvent.Named(int task, int process, String name) ->
          of(process)
              .filter(member -> task == process)
              .ifPresent(
                  member -> {
                    member.name(name);
                    called(time, member, "prctl", 0, PR_SET_NAME, 0);
                  });
      case ProcessEvent.Traced(int process, int tracer) ->
          of(tracer).ifPresent(member -> called(time, member, "ptrace", 0, PTRACE_ATTACH, process));
      case ProcessEvent.Answered answered -> {}
      case ProcessEvent.Other other -> {}
    }
  }

  private void forked(long time, int parent, int process) {
    @Nullable Member stale = members.get(process);
    if (stale != null) {
      drop(stale); // Its number was given again, so it ended.
    }
    @Nullable Member maker = members.get(parent);
    if (maker == null) {
      return;
    }
    Member child = maker.child(process, time);
    put(child);
    tellFork(time, maker, child);
  }

  private static void tellFork(long time, Member maker, Member child) {
    child
        .sandbox()
        .tell(
            maker,
            time,
            stamp -> new Event.Forked(stamp, child.key(), false, child.pidLevel(), false, false));
  }

  private void executed(long time, int process) {
    @Nullable Member member = members.get(process);
    // Most programs of the host are none of a sandbox, and so not worth more than this.
    Optional<FallbackSandbox> entered = member == null ? sandboxOf(process) : Optional.empty();
    if (member == null && entered.isEmpty()) {
      return;
    }
    Description found = Description.of(process, time);
    if (member == null) {
      if (found.facts().isEmpty()) {
        return;
      }
      member = enter(entered.get(), process, found.facts().get());
    }
    found.facts().ifPresent(member::know);
    member.executed();
    tell(time, member, found);
  }

  private static void tell(long time, Member member, Description found) {
    String called = found.arguments().isEmpty() ? found.path() : found.arguments().getFirst();
    long capabilities = found.facts().map(ProcessFacts::capabilities).orElse(0L);
    member
        .sandbox()
        .tell(
            member,
            time,
            stamp ->
                new Event.Executed(
                    stamp,
                    found.file(),
                    found.path(),
                    found.directory(),
                    called,
                    found.arguments(),
                    capabilities,
                    found.flaws()));
  }

  private Member enter(FallbackSandbox sandbox, int process, ProcessFacts facts) {
    Member member = Member.found(sandbox, process, facts);
    put(member);
    sandbox.tell(
        member.parent(),
        stamp -> new Event.Forked(stamp, member.key(), true, member.pidLevel(), false, false));
    return member;
  }

  private Optional<FallbackSandbox> sandboxOf(int process) {
    byte @Nullable [] groups;
    try (@Nullable ProcessDirectory directory = ProcessDirectory.open(process)) {
      groups = directory == null ? null : directory.read("cgroup", 1 << 14);
    }
    return groups == null
        ? Optional.empty()
        : new String(groups, StandardCharsets.ISO_8859_1)
            .lines()
            .map(line -> line.substring(line.indexOf(':', line.indexOf(':') + 1) + 1))
            .flatMap(group -> sandboxes.stream().filter(sandbox -> sandbox.holds(group)))
            .findFirst();
  }

  private void exited(long time, Member member) {
    member
        .sandbox()
        .tell(
            member,
            time,
            stamp ->
                new Event.Exited(
                    stamp, member.status(), Duration.ZERO, Duration.ZERO, 0, member.hasChildren()));
    drop(member);
  }

  private static void called(
      long time, Member member, String call, long result, long first, long second) {
    member
        .sandbox()
        .tell(
            member,
            time,
            stamp ->
                new Event.Called(
                    stamp, call, Abi.NATIVE, result, List.of(first, second, 0L, 0L, 0L, 0L)));
  }

  private void put(Member member) {
    if (member.sandbox().takes()) {
      members.put(member.key().pid(), member);
    }
  }

  private void drop(Member member) {
    if (members.remove(member.key().pid(), member)) {
      member.sandbox().leaves();
      of(member.parent()).ifPresent(Member::childEnded);
    }
  }
}
