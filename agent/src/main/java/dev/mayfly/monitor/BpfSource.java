package dev.mayfly.monitor;

import dev.mayfly.bpf.BpfPins;
import dev.mayfly.bpf.BpfPrograms;
import dev.mayfly.bpf.CgroupMarks;
import dev.mayfly.bpf.EventDecoder;
import dev.mayfly.bpf.ProgramGroup;
import dev.mayfly.bpf.Slots;
import dev.mayfly.bpf.Slots.Armed;
import dev.mayfly.bpf.Slots.Rule;
import dev.mayfly.bpf.SystemCalls;
import dev.mayfly.bpf.WatchedNames;
import dev.mayfly.event.WatchedName;
import dev.mayfly.linux.BpfMap;
import dev.mayfly.linux.Cgroups;
import dev.mayfly.linux.MappedArray;
import dev.mayfly.linux.MappedRing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Events as BPF programs in the kernel tell them, through one ring for all sandboxes. */
public final class BpfSource implements EventSource {
  private static final Logger LOG = LoggerFactory.getLogger(BpfSource.class);

  /** As little as every machine's page allows, for a try. */
  private static final int SMALLEST_RING = 64 << 10;

  private final Settings settings;
  private final BpfPrograms programs;
  private final MappedRing ring;
  private final MappedArray array;
  private final Slots slots;
  private final CgroupMarks marks;
  private final BpfSourceReader reader;
  private final List<String> weaknesses;
  private final List<String> gaps;

  private final ReentrantLock sharing = new ReentrantLock();
  private final List<Armed> live = new ArrayList<>();

  /** Whoever uses the mapped memory holds it for reading, who takes it away for writing. */
  private final ReadWriteLock use = new ReentrantReadWriteLock();

  private boolean closed;

  /**
   * How it watches.
   *
   * @param ringBytes of memory for events that are not read yet, a power of two
   * @param share bytes of it that a sandbox may have at most; less where many are watched
   * @param names files whose use is told, beside those of other processes in /proc
   * @param pins directory in which the programs are pinned, so that they outlive this process
   */
  public record Settings(
      int ringBytes, long share, Collection<WatchedName> names, Optional<Path> pins) {
    private static final int RING = 64 << 20;
    private static final int SMALL_RING = 16 << 20;
    private static final long SHARE = 8L << 20;

    public Settings {
      names = List.copyOf(names);
    }

    /** For a supervisor of one sandbox. */
    public static Settings ofOne(Collection<WatchedName> names, Optional<Path> pins) {
      return new Settings(SMALL_RING, SHARE, names, pins);
    }

    /** For a supervisor of many sandboxes. */
    public static Settings of(Collection<WatchedName> names, Optional<Path> pins) {
      return new Settings(RING, SHARE, names, pins);
    }
  }

  private BpfSource(
      Settings settings,
      BpfPrograms programs,
      MappedRing ring,
      MappedArray array,
      CgroupMarks marks,
      List<String> weaknesses) {
    this.settings = settings;
    this.programs = programs;
    this.ring = ring;
    this.array = array;
    this.slots = new Slots(array.values());
    this.marks = marks;
    this.weaknesses = List.copyOf(weaknesses);
    this.gaps = programs.gaps();
    this.reader =
        new BpfSourceReader(
            ring, slots, new EventDecoder(SystemCalls.ofThisMachine(), MappedRing.pageSize()));
  }

  /**
   * Tries whether it can run here, by loading and attaching the programs.
   *
   * @return why not; empty where it can
   */
  public static Optional<String> probe() {
    try {
      Cgroups hierarchies = hierarchies();
      BpfPrograms.load(SMALLEST_RING, hierarchies).close();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private static Cgroups hierarchies() throws IOException {
    Cgroups hierarchies = Cgroups.detect();
    if (!CgroupMarks.possible(hierarchies)) {
      throw new IOException(
          "neither cgroup2 nor the hierarchy of pids is mounted, so no process can be told apart");
    }
    return hierarchies;
  }

  /**
   * Loads the programs and begins to read.
   *
   * @throws IOException where that can't be done here; nothing is left of it then
   */
  public static BpfSource open(Settings settings) throws IOException {
    Cgroups hierarchies = hierarchies();
    BpfPrograms programs = BpfPrograms.load(settings.ringBytes(), hierarchies);
    try {
      List<String> weaknesses = new ArrayList<>(programs.weaknesses());
      Optional<BpfMap> names = programs.map("names");
      if (names.isPresent()) {
        WatchedNames.watch(names.get(), settings.names());
      } else if (!settings.names().isEmpty()) {
        weaknesses.add("opened files are not told by their names: no program looks at these");
      }
      if (settings.pins().isPresent()) {
        pin(programs, settings.pins().get()).ifPresent(weaknesses::add);
      }
      BpfSource source =
          map(
              settings,
              programs,
              new CgroupMarks(programs.coreMap("cgroups"), hierarchies),
              weaknesses);
      source.reader.start();
      return source;
    } catch (IOException | RuntimeException e) {
      programs.close();
      settings.pins().ifPresent(BpfSource::unpin);
      throw e;
    }
  }

  private static BpfSource map(
      Settings settings, BpfPrograms programs, CgroupMarks marks, List<String> weaknesses)
      throws IOException {
    MappedRing ring = MappedRing.of(programs.coreMap("events"), settings.ringBytes());
    try {
      MappedArray array = MappedArray.of(programs.coreMap("slots"), Slots.SIZE);
      return new BpfSource(settings, programs, ring, array, marks, weaknesses);
    } catch (IOException e) {
      ring.close();
      throw e;
    }
  }

  private static Optional<String> pin(BpfPrograms programs, Path directory) {
    try {
      BpfPins.prepare(directory);
      programs.pin(directory);
      return Optional.empty();
    } catch (IOException e) {
      unpin(directory);
      return Optional.of(
          "what the kernel refuses or kills ends with Mayfly, should Mayfly be killed: "
              + e.getMessage());
    }
  }

  private static void unpin(Path directory) {
    try {
      BpfPins.remove(directory);
    } catch (IOException e) {
      LOG.warn("pinned programs stay in {}", directory, e);
    }
  }

  @Override
  public String name() {
    return "ebpf";
  }

  @Override
  public List<String> weaknesses() {
    return weaknesses;
  }

  @Override
  public Set<Answer> answers() {
    Set<ProgramGroup> there = programs.inForce();
    return there.contains(ProgramGroup.LSM) || there.contains(ProgramGroup.SYSCALLS)
        ? EnumSet.allOf(Answer.class)
        : Set.of();
  }

  @Override
  public List<String> gaps() {
    return gaps;
  }

  /** The programs that this kernel took. */
  public Set<ProgramGroup> inForce() {
    return programs.inForce();
  }

  @Override
  public Watching watch(Target target, Sink sink) throws IOException {
    use.readLock().lock();
    try {
      if (closed) {
        throw new IOException("the source is closed");
      }
      return arm(target, sink);
    } finally {
      use.readLock().unlock();
    }
  }

  private Watching arm(Target target, Sink sink) throws IOException {
    Armed armed =
        slots
            .arm(0, rules(Rule.STARTING))
            .orElseThrow(
                () -> new IOException(Slots.MOST + " sandboxes are watched, which is the most"));
    BpfSourceWatch watch = new BpfSourceWatch(this, target, sink, slots, armed);
    share(() -> live.add(armed));
    try {
      reader.add(watch);
      watch.marked(marks.mark(target.cgroup(), armed.sandbox()));
      return watch;
    } catch (IOException | RuntimeException e) {
      slots.mute(armed);
      forget(watch);
      throw e;
    }
  }

  /** Does the change, and gives each sandbox its share of the ring. */
  private void share(Runnable change) {
    sharing.lock();
    try {
      change.run();
      long most =
          live.isEmpty() ? 0 : (settings.ringBytes() - settings.ringBytes() / 8L) / live.size();
      live.forEach(one -> slots.limit(one, Math.min(settings.share(), most)));
    } finally {
      sharing.unlock();
    }
  }

  private void forget(BpfSourceWatch watch) {
    reader.remove(watch);
    share(() -> live.remove(watch.armed()));
    slots.release(watch.armed());
  }

  private Set<Rule> rules(Rule... more) {
    Set<Rule> rules = EnumSet.noneOf(Rule.class);
    if (programs.inForce().contains(ProgramGroup.LSM)) {
      rules.add(Rule.OPENS_BY_LSM);
    }
    rules.addAll(List.of(more));
    return rules;
  }

  private static Rule rule(Answer answer) {
    return switch (answer) {
      case KILL_MEMORY_READERS -> Rule.KILL_MEMORY;
      case REFUSE_CREDENTIALS -> Rule.REFUSE_SECRETS;
      case REFUSE_PERSISTENCE -> Rule.REFUSE_STARTS;
      case KILL_CREDENTIALS -> Rule.KILL_SECRETS;
      case KILL_PERSISTENCE -> Rule.KILL_STARTS;
    };
  }

  /** By the watch: its container runs, so all that is refused is refused from now on. */
  void enforce(BpfSourceWatch watch) throws IOException {
    use.readLock().lock();
    try {
      if (closed) {
        throw new IOException("the source is closed");
      }
      Set<Rule> rules = rules(Rule.REFUSE_RAW, Rule.REFUSE_KERNEL);
      watch.target().answers().stream().map(BpfSource::rule).forEach(rules::add);
      slots.rules(watch.armed(), rules);
    } finally {
      use.readLock().unlock();
    }
  }

  /** By the watch, once. Its sink was told where the source was closed before. */
  void end(BpfSourceWatch watch) throws IOException {
    use.readLock().lock();
    try {
      if (!closed) {
        disarm(watch);
      }
    } finally {
      use.readLock().unlock();
    }
  }

  private void disarm(BpfSourceWatch watch) throws IOException {
    boolean read;
    try {
      marks.unmark(watch.marked());
    } finally {
      slots.mute(watch.armed());
      read = reader.finish(watch);
      forget(watch);
    }
    if (!read) {
      throw new IOException("not all events of the sandbox were read in time");
    }
  }

  @Override
  public void close() {
    use.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      settings.pins().ifPresent(BpfSource::unpin);
      if (reader.stop()) {
        ring.close();
        array.close();
      } else {
        LOG.error("the reader of events does not stop; its memory stays");
      }
      programs.close();
    } finally {
      use.writeLock().unlock();
    }
  }
}
