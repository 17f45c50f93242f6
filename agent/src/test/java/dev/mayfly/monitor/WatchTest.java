package dev.mayfly.monitor;

import static dev.mayfly.monitor.SampleEvents.created;
import static dev.mayfly.monitor.SampleEvents.executed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.event.Event;
import dev.mayfly.event.Observation;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class WatchTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);

  private final List<Observation> seen = new CopyOnWriteArrayList<>();

  @Test
  void looksAtEverythingBeforeItEnds() {
    Watch watch = new Watch(seen::add);
    for (int pid = 1; pid <= 5_000; pid++) {
      watch.event(executed(pid, 1, "/bin/true", "true"));
    }
    watch.finish(LIMIT);
    assertThat(seen).hasSize(5_000);
    assertThat(watch.activity().losses()).isEmpty();
  }

  /** The other source may be earlier than the one that tells of its process. */
  @Test
  void looksAtEventsOfAnotherSourceOnceTheirProcessIsKnown() {
    Watch watch = new Watch(seen::add);
    watch.eventBeside(created(7, "/etc/cron.d/x"));
    watch.event(executed(7, 1, "/bin/cp", "cp", "x", "/etc/cron.d"));
    watch.finish(LIMIT);
    assertThat(seen.getLast().event()).isInstanceOf(Event.Changed.class);
    assertThat(seen.getLast().actor().program()).isEqualTo("cp");
  }

  @Test
  void countsWhatThereIsNoRoomFor() throws InterruptedException {
    CountDownLatch slow = new CountDownLatch(1);
    Watch watch =
        new Watch(
            _ -> {
              try {
                slow.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    int floods = 100_000;
    for (int i = 0; i < floods; i++) {
      watch.event(executed(1, 1, "/bin/true", "true"));
    }
    slow.countDown();
    watch.finish(LIMIT);
    SandboxActivity activity = watch.activity();
    assertThat(activity.losses())
        .singleElement()
        .asString()
        .startsWith("events came faster than they could be looked at (");
    long lost = Long.parseLong(activity.losses().getFirst().replaceAll(".*\\((\\d+)\\)", "$1"));
    assertThat(lost + activity.events().getOrDefault("executed", 0L)).isEqualTo(floods);
  }

  @Test
  void saysThatNotAllIsKnownWhereArgumentsCouldNotBeRead() {
    Watch watch = new Watch(seen::add);
    Event.Executed whole = executed(1, 1, "/bin/true", "true");
    watch.event(
        new Event.Executed(
            whole.stamp(),
            whole.file(),
            whole.path(),
            whole.directory(),
            whole.called(),
            List.of(),
            whole.capabilities(),
            Set.of(Event.Executed.Flaw.ARGUMENTS_UNREADABLE)));
    watch.event(whole);
    watch.finish(LIMIT);
    assertThat(watch.activity().losses())
        .containsExactly("arguments of programs could not be read (1)");
  }

  @Test
  void goesOnAfterAListenerThatFails() {
    Watch watch =
        new Watch(
            one -> {
              seen.add(one);
              if (seen.size() == 1) {
                throw new IllegalStateException("once");
              }
            });
    watch.event(executed(1, 1, "/bin/true", "true"));
    watch.event(executed(2, 1, "/bin/true", "true"));
    watch.finish(LIMIT);
    assertThat(seen).hasSize(2);
    assertThat(watch.activity().losses()).singleElement().asString().contains("once");
  }

  @Test
  void tellsWhenTheExecutionThatIsAwaitedWasSeen() {
    Watch watch = new Watch(seen::add);
    var expected = watch.expect("mark");
    watch.event(executed(1, 1, "/bin/init", "init", "other"));
    watch.event(executed(1, 1, "/bin/init", "init", "mark", "more"));
    assertThat(expected).isNotDone();
    watch.event(executed(1, 1, "/bin/init", "init", "mark"));
    assertThat(expected).succeedsWithin(LIMIT);
    watch.close();
  }

  @Test
  void saysThatNobodyWatched() {
    Watch watch = new Watch(seen::add);
    assertThat(watch.isWatched()).isFalse();
    assertThat(watch.activity().source()).isEmpty();
    watch.close();
  }
}
