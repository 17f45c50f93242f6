package dev.mayfly.runner.gitlab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class JobLogTest {
  private final JobLog log = new JobLog();
  private final List<String> first = new ArrayList<>();
  private final List<String> second = new ArrayList<>();

  @Test
  void passesLinesOnAtOnceWhileAHookIsServed() {
    try (JobLog.Open _ = log.openTo(first::add)) {
      log.add("a");
      assertThat(first).containsExactly("a");
      log.add("b");
    }
    assertThat(first).containsExactly("a", "b");
  }

  @Test
  void keepsLinesForTheNextHookInTheirOrder() {
    log.add("a");
    log.add("b");
    try (JobLog.Open _ = log.openTo(first::add)) {
      log.add("c");
    }
    log.add("d");
    try (JobLog.Open _ = log.openTo(second::add)) {
      log.add("e");
    }
    assertThat(first).containsExactly("a", "b", "c");
    assertThat(second).containsExactly("d", "e");
  }

  @Test
  void countsWhatIsMoreThanItKeeps() {
    IntStream.range(0, 207).forEach(i -> log.add("line " + i));
    try (JobLog.Open _ = log.openTo(first::add)) {
      assertThat(first)
          .hasSize(201)
          .startsWith("line 0")
          .endsWith("line 199", "7 more lines are in the report");
    }
    log.add("later");
    try (JobLog.Open _ = log.openTo(second::add)) {
      assertThat(second).containsExactly("later");
    }
  }

  @Test
  void belongsToTheHookThatOpenedItLast() {
    Consumer<String> later = second::add;
    JobLog.Open outer = log.openTo(first::add);
    JobLog.Open inner = log.openTo(later);
    log.add("a");
    outer.close();
    log.add("b");
    inner.close();
    inner.close();
    log.add("c");
    assertThat(first).isEmpty();
    assertThat(second).containsExactly("a", "b");
    try (JobLog.Open _ = log.openTo(first::add)) {
      assertThat(first).containsExactly("c");
    }
  }

  @Test
  void losesNoLineBetweenHooks() {
    ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();
    int writers = 3;
    int lines = 20_000;
    List<CompletableFuture<Void>> writing =
        IntStream.range(0, writers)
            .mapToObj(
                writer ->
                    CompletableFuture.runAsync(
                        () -> {
                          for (int i = 0; i < lines; i++) {
                            log.add(writer + " " + i);
                          }
                        }))
            .toList();
    CompletableFuture<Void> all =
        CompletableFuture.allOf(writing.toArray(CompletableFuture<?>[]::new));
    while (!all.isDone()) {
      try (JobLog.Open _ = log.openTo(seen::add)) {
        Thread.onSpinWait();
      }
    }
    all.join();
    try (JobLog.Open _ = log.openTo(seen::add)) {
      Thread.onSpinWait();
    }
    long dropped =
        seen.stream()
            .filter(line -> line.endsWith(" more lines are in the report"))
            .mapToLong(line -> Long.parseLong(line.substring(0, line.indexOf(' '))))
            .sum();
    List<String> kept =
        seen.stream().filter(line -> !line.endsWith(" more lines are in the report")).toList();
    assertThat(kept).doesNotHaveDuplicates();
    assertThat(kept.size() + dropped).isEqualTo((long) writers * lines);
    for (int writer = 0; writer < writers; writer++) {
      String prefix = writer + " ";
      assertThat(
              kept.stream()
                  .filter(line -> line.startsWith(prefix))
                  .map(line -> Integer.valueOf(line.substring(prefix.length()))))
          .as("in the order of writer %d", writer)
          .isSorted();
    }
  }
}
