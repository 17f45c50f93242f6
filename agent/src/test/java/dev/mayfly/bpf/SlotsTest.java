package dev.mayfly.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.bpf.Slots.Armed;
import dev.mayfly.bpf.Slots.Counters;
import dev.mayfly.bpf.Slots.Rule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SlotsTest {
  private final ByteBuffer memory =
      ByteBuffer.allocateDirect(Slots.SIZE).order(ByteOrder.nativeOrder());
  private final Slots slots = new Slots(memory);

  private Armed arm() {
    return slots.arm(1000, Set.of()).orElseThrow();
  }

  private int field(Armed armed, int field) {
    return memory.getInt(armed.slot() * EventLayout.SLOT_SIZE + field);
  }

  private void count(Armed armed, int field, long value) {
    memory.putLong(armed.slot() * EventLayout.SLOT_SIZE + field, value);
  }

  @Test
  void tellsTheKernelWhoseASlotIs() {
    Armed armed = slots.arm(1000, Set.of(Rule.STARTING, Rule.OPENS_BY_LSM)).orElseThrow();
    assertThat(armed.slot()).isPositive();
    assertThat(field(armed, EventLayout.SLOT_GENERATION))
        .isEqualTo((int) (armed.sandbox() >>> 32))
        .isPositive();
    assertThat(field(armed, EventLayout.SLOT_LIMIT)).isEqualTo(1000);
    assertThat(field(armed, EventLayout.SLOT_FLAGS)).isEqualTo(20);
    slots.rules(armed, Set.of(Rule.KILL_MEMORY));
    assertThat(field(armed, EventLayout.SLOT_FLAGS)).isEqualTo(2);
    slots.limit(armed, 500);
    assertThat(field(armed, EventLayout.SLOT_LIMIT)).isEqualTo(500);
    slots.mute(armed);
    assertThat(field(armed, EventLayout.SLOT_GENERATION)).isZero();
  }

  @Test
  void givesASlotAwayOnceItIsBack() {
    List<Armed> all = new ArrayList<>();
    for (int i = 0; i < Slots.MOST; i++) {
      all.add(arm());
    }
    assertThat(all.stream().map(Armed::slot)).doesNotHaveDuplicates().doesNotContain(0);
    assertThat(slots.arm(1, Set.of())).isEmpty();
    slots.mute(all.getFirst());
    assertThat(slots.arm(1, Set.of())).isEmpty();
    slots.release(all.getFirst());
    Armed again = arm();
    assertThat(again.slot()).isEqualTo(all.getFirst().slot());
    assertThat(again.sandbox()).isNotEqualTo(all.getFirst().sandbox());
  }

  @Test
  void neverCallsTwoSandboxesTheSame() {
    Set<Long> seen = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      Armed armed = arm();
      assertThat(seen.add(armed.sandbox())).isTrue();
      slots.mute(armed);
      slots.release(armed);
    }
  }

  @Test
  void countsFromWhereTheCountersStood() {
    Armed first = arm();
    count(first, EventLayout.SLOT_SEQ, 40);
    count(first, EventLayout.SLOT_DROPPED, 1);
    count(first, EventLayout.SLOT_DROPPED + 8, 2);
    count(first, EventLayout.SLOT_DROPPED + 16, 3);
    count(first, EventLayout.SLOT_WRITTEN_CODE, 4);
    assertThat(slots.counted(first)).isEqualTo(new Counters(40, 1, 2, 3, 4));
    assertThat(slots.counted(first).dropped()).isEqualTo(3);
    slots.mute(first);
    slots.release(first);
    Armed second = first;
    while (second.sandbox() == first.sandbox() || second.slot() != first.slot()) {
      second = arm();
    }
    assertThat(second.before().sequence()).isEqualTo(40);
    assertThat(slots.counted(second)).isEqualTo(new Counters(0, 0, 0, 0, 0));
    count(second, EventLayout.SLOT_SEQ, 41);
    assertThat(slots.counted(second)).isEqualTo(new Counters(1, 0, 0, 0, 0));
  }

  @Test
  void givesBackWhatWasReadWhoeverHasTheSlotNow() {
    Armed armed = arm();
    slots.credit(armed.sandbox(), 96);
    slots.credit(armed.sandbox() + (1L << 32), 16);
    assertThat(field(armed, EventLayout.SLOT_CONSUMED)).isEqualTo(112);
    // Nobody's, and nonsense.
    slots.credit(-1, 8);
    slots.credit(EventLayout.SLOTS, 8);
    assertThat(field(armed, EventLayout.SLOT_CONSUMED)).isEqualTo(112);
  }
}
