package dev.mayfly.cli;

import dev.mayfly.job.Printable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Findings of the doctor as a table, with a summary below it. */
final class DiagnosisTable {
  private DiagnosisTable() {}

  static String print(List<Diagnosis> found) {
    int width = found.stream().mapToInt(one -> one.subject().length()).max().orElse(0);
    List<String> lines = new ArrayList<>();
    for (Diagnosis one : found) {
      lines.add(row(one.level().word(), one.subject(), width, one.found()));
      String consequence = one.consequence();
      if (consequence != null) {
        lines.add(row("", "", width, "  so:  " + consequence));
      }
      String fix = one.fix();
      if (fix != null) {
        lines.add(row("", "", width, "  fix: " + fix));
      }
    }
    lines.add("");
    lines.add(summary(found));
    return String.join("\n", lines);
  }

  private static String row(String level, String subject, int width, String text) {
    return String.format(
        Locale.ROOT, "%-8s %-" + width + "s  %s", level, subject, Printable.escaped(text));
  }

  private static String summary(List<Diagnosis> found) {
    long missing = count(found, Diagnosis.Level.MISSING);
    long weak = count(found, Diagnosis.Level.WEAK);
    if (missing > 0) {
      return "Jobs would be refused: " + missing + " missing, " + weak + " weak.";
    }
    return weak > 0 ? "Jobs run; " + weak + " weak." : "Jobs run, and all is in force.";
  }

  private static long count(List<Diagnosis> found, Diagnosis.Level level) {
    return found.stream().filter(one -> one.level() == level).count();
  }
}
