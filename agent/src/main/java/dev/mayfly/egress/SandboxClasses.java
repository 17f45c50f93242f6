package dev.mayfly.egress;

import dev.mayfly.nftables.NftTable;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/** The classes of one supervisor in the table: sandboxes with equal plans share one. */
final class SandboxClasses {
  /** Classes that nobody uses are kept for whoever comes, up to these. */
  private static final int KEPT = 16;

  private final String supervisor;
  private final NftTable table;
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<EgressPlan, Entry> classes = new HashMap<>();
  private int last;

  private static final class Entry {
    final int number;
    int users;

    Entry(int number) {
      this.number = number;
    }
  }

  SandboxClasses(String supervisor, NftTable table) {
    this.supervisor = supervisor;
    this.table = table;
  }

  /** The number of a plan's class, which is there until it is given back as often. */
  int take(EgressPlan plan) throws IOException {
    lock.lock();
    try {
      Entry entry = classes.get(plan);
      if (entry == null) {
        entry = new Entry(last + 1);
        table.addClass(supervisor, entry.number, SandboxClass.of(plan));
        last = entry.number;
        classes.put(plan, entry);
      }
      entry.users++;
      return entry.number;
    } finally {
      lock.unlock();
    }
  }

  void giveBack(EgressPlan plan) throws IOException {
    lock.lock();
    try {
      Entry entry = classes.get(plan);
      if (entry != null && --entry.users == 0 && classes.size() > KEPT) {
        table.removeClass(supervisor, entry.number);
        classes.remove(plan);
      }
    } finally {
      lock.unlock();
    }
  }
}
