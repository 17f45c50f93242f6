package dev.mayfly.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimelineTest {
  private final Timeline timeline = new Timeline();

  private static Instant end(Span span) {
    return span.start().plus(span.duration());
  }

  @Test
  void keepsSpansInTheOrderOfTheirBeginning() {
    try (Timeline.Open _ = timeline.span("outer")) {
      try (Timeline.Open _ = timeline.span("first")) {
        assertThat(timeline.spans()).as("spans that have ended").isEmpty();
      }
      try (Timeline.Open _ = timeline.span("second")) {
        assertThat(timeline.spans()).extracting(Span::name).containsExactly("first");
      }
    }
    assertThat(timeline.spans()).extracting(Span::name).containsExactly("outer", "first", "second");
  }

  @Test
  void placesASpanWithinThatWhichItIsPartOf() {
    try (Timeline.Open _ = timeline.span("outer")) {
      try (Timeline.Open _ = timeline.span("inner")) {
        assertThat(timeline.origin()).isNotNull();
      }
    }
    Span outer = timeline.spans().get(0);
    Span inner = timeline.spans().get(1);
    assertThat(outer.start()).isAfterOrEqualTo(timeline.origin());
    assertThat(inner.start()).isAfterOrEqualTo(outer.start());
    assertThat(end(inner)).isBeforeOrEqualTo(end(outer));
    assertThat(inner.duration().isNegative()).isFalse();
  }

  @Test
  void keepsASpanThatEndsInAFailure() {
    assertThatThrownBy(
            () -> {
              try (Timeline.Open _ = timeline.span("failing")) {
                throw new IllegalStateException();
              }
            })
        .isInstanceOf(IllegalStateException.class);
    assertThat(timeline.spans()).hasSize(1);
  }

  @Test
  void takesSpansFromManyThreads() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int j = 0; j < 100; j++) {
                      timeline.span("x").close();
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(timeline.spans()).hasSize(2_000);
  }

  @Test
  void givesACopyThatNobodyCanChange() {
    List<Span> spans = timeline.spans();
    assertThatThrownBy(() -> spans.add(new Span("x", timeline.origin(), Duration.ZERO)))
        .isInstanceOf(UnsupportedOperationException.class);
  }
}
