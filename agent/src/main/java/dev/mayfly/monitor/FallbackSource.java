package dev.mayfly.monitor;

import dev.mayfly.linux.Cgroups;
import dev.mayfly.linux.Mounts;
import dev.mayfly.linux.ProcessConnector;
import dev.mayfly.linux.ProcessEvent;
import dev.mayfly.linux.ThreadPriority;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What a host without BPF tells: processes by the kernel's process connector, described from
 * proc(5), and files by fanotify(7).
 */
public final class FallbackSource implements EventSource {
  private static final List<String> WEAKNESSES =
      List.of(
          "A program that ends within about a millisecond may be told without its arguments, path"
              + " and directory: in a loop of short programs that is one in eight.",
          "Arguments are read from the program's own memory after it began, so it can change them"
              + " before; of programs that execute others at once, the last one is told twice.",
          "A program that an engine's exec starts is told from its first execution on, and not at"
              + " all where it ends before its cgroup is read.",
          "Sockets are not told, but for packets that the network rules refuse.",
          "System calls are not told, but for setsid, for names that threads give themselves, and"
              + " for ptrace of a process that runs.",
          "Reading of files, mounts and signals are not told; files that were written are told"
              + " when they are closed.",
          "New name spaces, and the time and memory that a process used, are not told.",
          "Nothing is refused or killed by the kernel itself.");

  private final ProcessConnector connector;
  private final Function<Target, Optional<DiskWatch.Disk>> disks;
  private final Predicate<String> written;
  private final Members members = new Members();
  private final Thread reader;
  private final AtomicBoolean closed = new AtomicBoolean();

  private FallbackSource(
      ProcessConnector connector,
      Function<Target, Optional<DiskWatch.Disk>> disks,
      Predicate<String> written) {
    this.connector = connector;
    this.disks = disks;
    this.written = written;
    this.reader = Thread.ofPlatform().name("process-events").daemon().unstarted(this::read);
  }

  /**
   * Begins to listen to this host's processes.
   *
   * @param disks which disk a sandbox has; empty where changes of names on it are not to be told
   * @param written which paths are told once they were written
   */
  public static FallbackSource start(
      Function<Target, Optional<DiskWatch.Disk>> disks, Predicate<String> written)
      throws IOException {
    FallbackSource source = new FallbackSource(ProcessConnector.open(), disks, written);
    source.reader.start();
    return source;
  }

  /**
   * Tries whether it can run here.
   *
   * @return why it can't; empty where it can
   */
  public static Optional<String> probe() {
    try {
      ProcessConnector.open().close();
      return DiskWatch.refused();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public String name() {
    return "fallback";
  }

  @Override
  public List<String> weaknesses() {
    return WEAKNESSES;
  }

  private void read() {
    ThreadPriority.raise();
    Resync resync = new Resync();
    try {
      boolean open = true;
      while (open) {
        open = connector.read(resync);
        resync.afterRead();
      }
    } catch (IOException e) {
      members.sandboxes().forEach(s -> s.lost("all of processes: " + e.getMessage(), 1));
    }
  }

  /** Looks at the sandboxes' cgroups after events were lost, so that no process stays unknown. */
  private final class Resync implements ProcessConnector.Sink {
    private boolean wanted;

    @Override
    public void event(long time, ProcessEvent event) {
      members.event(time, event);
    }

    @Override
    public void lost(long count) {
      wanted = true;
      members.lost(count);
    }

    void afterRead() {
      if (!wanted) {
        return;
      }
      wanted = false;
      members.check();
      for (FallbackSandbox sandbox : members.sandboxes()) {
        try {
          adoptAll(sandbox);
        } catch (IOException e) {
          sandbox.lost("processes of its cgroup: " + e.getMessage(), 1);
        }
      }
    }
  }

  private void adoptAll(FallbackSandbox sandbox) throws IOException {
    for (long pid : Cgroups.detect().at(sandbox.target().cgroup()).processes()) {
      members.adopt(sandbox, Math.toIntExact(pid));
    }
  }

  @Override
  public Watching watch(Target target, Sink sink) throws IOException {
    FallbackSandbox sandbox = new FallbackSandbox(target, sink, members::of);
    Optional<DiskWatch.Disk> disk = disks.apply(target);
    Watched watched =
        new Watched(
            sandbox, disk.isPresent() ? DiskWatch.startWithWrites(disk.get(), sandbox) : null);
    members.add(sandbox);
    return watched;
  }

  private static boolean isOverlaidRoot(Mounts.Mount mount) {
    return mount.target().equals(Path.of("/")) && mount.fileSystem().equals("overlay");
  }

  private final class Watched implements Watching {
    private final FallbackSandbox sandbox;
    private final @Nullable DiskWatch disk;
    private @Nullable WriteWatch writes;

    Watched(FallbackSandbox sandbox, @Nullable DiskWatch disk) {
      this.sandbox = sandbox;
      this.disk = disk;
    }

    @Override
    public void started(long pid) throws IOException {
      members.adopt(sandbox, Math.toIntExact(pid));
      adoptAll(sandbox);
      // Of another file system all of the host's would be told.
      if (Mounts.seenBy(pid).stream().anyMatch(FallbackSource::isOverlaidRoot)) {
        writes = WriteWatch.start(Path.of("/proc/" + pid + "/root"), written, sandbox);
      } else {
        sandbox.lost("files that are written: the sandbox's root is no overlay", 1);
      }
    }

    @Override
    public void release() {
      if (writes != null) {
        writes.close();
      }
      if (disk != null) {
        disk.close();
      }
    }

    @Override
    public void end() {
      release();
      members.remove(sandbox);
    }
  }

  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    connector.stop();
    boolean interrupted = false;
    while (reader.isAlive()) {
      try {
        reader.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    connector.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
