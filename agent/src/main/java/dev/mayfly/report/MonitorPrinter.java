package dev.mayfly.report;

import dev.mayfly.report.MonitorPart.FilePart;
import dev.mayfly.report.MonitorPart.ProcessPart;
import dev.mayfly.report.MonitorPart.ProgramPart;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a sandbox was seen to do, for a person: its programs as a tree, and its files. */
final class MonitorPrinter {
  private static final int MOST_PROGRAMS = 40;
  private static final int MOST_FILES = 20;
  private static final int DEEPEST = 12;
  private static final int LONGEST = 100;

  private MonitorPrinter() {}

  static String summary(MonitorPart part) {
    long programs =
        part.processes().stream()
                .mapToLong(one -> one.programs().size() + one.furtherPrograms())
                .sum()
            + part.furtherPrograms().stream().mapToLong(MonitorPart.FurtherPart::count).sum();
    return part.source()
        + ", "
        + programs
        + " programs in "
        + part.processes().size()
        + " processes";
  }

  static List<String> details(MonitorPart part) {
    List<String> lines = new ArrayList<>();
    part.weaknesses().forEach(one -> lines.add("weaker: " + one));
    List<String> programs = programs(part.processes());
    lines.addAll(programs.subList(0, Math.min(MOST_PROGRAMS, programs.size())));
    if (programs.size() > MOST_PROGRAMS) {
      lines.add(more(programs.size() - MOST_PROGRAMS, "programs"));
    }
    List<FilePart> files = part.files().stream().filter(one -> !one.use().equals("read")).toList();
    files.stream().limit(MOST_FILES).map(MonitorPrinter::file).forEach(lines::add);
    if (files.size() > MOST_FILES) {
      lines.add(more(files.size() - MOST_FILES, "files"));
    }
    return lines;
  }

  private static String more(int count, String what) {
    return "… and " + count + " more " + what + ": mayfly report --json";
  }

  /** In the order they began, each below who made it. */
  private static List<String> programs(List<ProcessPart> processes) {
    Map<Integer, Integer> depths = new HashMap<>();
    List<String> lines = new ArrayList<>();
    for (ProcessPart process : processes) {
      int above = depth(depths, process.parent());
      // One that only forked is not shown, and moves nobody to the right.
      depths.put(process.pid(), process.programs().isEmpty() ? above : above + 1);
      for (ProgramPart program : process.programs()) {
        lines.add("  ".repeat(Math.min(above, DEEPEST)) + program(program) + end(process));
      }
    }
    return lines;
  }

  private static int depth(Map<Integer, Integer> depths, @Nullable Integer parent) {
    return parent == null ? 0 : depths.getOrDefault(parent, 0);
  }

  private static String program(ProgramPart program) {
    String text =
        program.arguments().isEmpty() ? program.path() : String.join(" ", program.arguments());
    return text.length() > LONGEST || program.cut()
        ? text.substring(0, Math.min(text.length(), LONGEST)) + "…"
        : text;
  }

  private static String end(ProcessPart process) {
    return process.exitCode() == null || process.exitCode() == 0
        ? ""
        : " [exit " + process.exitCode() + "]";
  }

  private static String file(FilePart one) {
    return (one.refused() ? "refused " : "")
        + one.use()
        + " "
        + one.path()
        + " by "
        + one.program()
        + (one.count() > 1 ? " (" + one.count() + " times)" : "");
  }
}
