package dev.mayfly.monitor;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * What a sandbox was seen to do, within bounds: whatever is not told one by one is counted.
 *
 * @param source the word for where it is known from; empty where nothing watched
 * @param weaknesses what that source sees less of than the best one
 * @param processes in the order they began
 * @param further programs of processes that there was no room for
 * @param files that were opened, written or changed, where it is worth telling
 * @param furtherFiles how many more different ones there were
 * @param events how many there were, by kind
 * @param losses why not all is known; none where it is
 */
public record SandboxActivity(
    Optional<String> source,
    List<String> weaknesses,
    List<ProcessRecord> processes,
    List<FurtherPrograms> further,
    List<FileRecord> files,
    long furtherFiles,
    Map<String, Long> events,
    List<String> losses) {

  /** Nothing watched. */
  public static final SandboxActivity NOTHING =
      new SandboxActivity(
          Optional.empty(), List.of(), List.of(), List.of(), List.of(), 0, Map.of(), List.of());

  public SandboxActivity {
    weaknesses = List.copyOf(weaknesses);
    processes = List.copyOf(processes);
    further = List.copyOf(further);
    files = List.copyOf(files);
    events = Map.copyOf(events);
    losses = List.copyOf(losses);
  }

  /** The same with what another sandbox of the same job was seen to do. */
  public SandboxActivity and(SandboxActivity other) {
    Map<String, Long> all = new HashMap<>(events);
    other.events.forEach((kind, count) -> all.merge(kind, count, Long::sum));
    return new SandboxActivity(
        source.or(other::source),
        joined(weaknesses, other.weaknesses).stream().distinct().toList(),
        joined(processes, other.processes),
        joined(further, other.further),
        joined(files, other.files),
        furtherFiles + other.furtherFiles,
        all,
        joined(losses, other.losses));
  }

  private static <T> List<T> joined(List<T> some, List<T> others) {
    return Stream.concat(some.stream(), others.stream()).toList();
  }

  /**
   * One process.
   *
   * @param pid as the host numbers it
   * @param parent who made it; empty where it came from outside or that is not known
   * @param startNs nanoseconds since the first event of the sandbox
   * @param endNs idem; empty where it was not seen to end by itself
   * @param programs what it executed, the first ones
   * @param furtherPrograms how many more it executed
   * @param status as wait(2) gives it
   */
  public record ProcessRecord(
      int pid,
      OptionalInt parent,
      int uid,
      long startNs,
      OptionalLong endNs,
      List<Program> programs,
      long furtherPrograms,
      OptionalInt status) {
    public ProcessRecord {
      programs = List.copyOf(programs);
    }
  }

  /**
   * What a process executed.
   *
   * @param cut whether there were more arguments, or longer ones
   */
  public record Program(String path, List<String> arguments, boolean cut) {
    public Program {
      arguments = List.copyOf(arguments);
    }
  }

  /**
   * Executions that are only counted.
   *
   * @param parent path of what the parent ran
   */
  public record FurtherPrograms(String path, String parent, long count) {}

  /**
   * A file that was used.
   *
   * @param use {@code read}, {@code write}, or how it was changed
   * @param program path of what used it
   * @param refused whether the kernel refused it, or killed who did it
   */
  public record FileRecord(String path, String use, String program, boolean refused, long count) {}
}
