package dev.mayfly.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the sandbox was seen to do. Bounded: whatever is not told one by one is counted.
 *
 * @param source that it is known from
 * @param weaknesses what that source sees less of than the best one, for a person
 * @param events how many there were, by kind
 * @param processes in the order they began
 * @param furtherPrograms executions that there was no room for, counted by program and parent
 * @param files that were used and are worth telling
 * @param furtherFiles how many more uses there were of others
 */
public record MonitorPart(
    String source,
    List<String> weaknesses,
    Map<String, Long> events,
    List<ProcessPart> processes,
    List<FurtherPart> furtherPrograms,
    List<FilePart> files,
    long furtherFiles) {

  public MonitorPart {
    Objects.requireNonNull(source);
    weaknesses = List.copyOf(weaknesses);
    events = Map.copyOf(events);
    processes = List.copyOf(processes);
    furtherPrograms = List.copyOf(furtherPrograms);
    files = List.copyOf(files);
  }

  /**
   * One process.
   *
   * @param pid as the host numbers it
   * @param parent pid of who made it
   * @param uid as the sandbox numbers it
   * @param startNs since the first event of the sandbox
   * @param endNs idem; absent where it was not seen to end
   * @param exitCode what it ended with, or 128 and the number of the signal that ended it
   * @param programs what it executed, one after the other; none of one that only forked
   * @param furtherPrograms how many more it executed
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ProcessPart(
      int pid,
      @Nullable Integer parent,
      int uid,
      long startNs,
      @Nullable Long endNs,
      @Nullable Integer exitCode,
      List<ProgramPart> programs,
      long furtherPrograms) {
    public ProcessPart {
      programs = List.copyOf(programs);
    }
  }

  /**
   * What was executed.
   *
   * @param path of the program's file in the sandbox
   * @param cut whether there were more arguments, or longer ones
   */
  public record ProgramPart(String path, List<String> arguments, boolean cut) {
    public ProgramPart {
      Objects.requireNonNull(path);
      arguments = List.copyOf(arguments);
    }
  }

  /** Executions that are only counted. */
  public record FurtherPart(String path, String parent, long count) {
    public FurtherPart {
      Objects.requireNonNull(path);
      Objects.requireNonNull(parent);
    }
  }

  /**
   * A file that was used.
   *
   * @param use {@code read}, {@code write}, or how it was changed
   * @param program path of what used it
   * @param refused whether the kernel refused it, or killed who did it
   */
  public record FilePart(String path, String use, String program, boolean refused, long count) {
    public FilePart {
      Objects.requireNonNull(path);
      Objects.requireNonNull(use);
      Objects.requireNonNull(program);
    }
  }
}
