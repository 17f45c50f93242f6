package dev.mayfly.bpf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.mayfly.bpf.WatchedName.Use;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WatchedNamesTest {
  private static ByteBuffer key(String parent, String name) {
    byte[] key = new byte[80];
    for (int i = 0; i < parent.length(); i++) {
      key[i] = (byte) parent.charAt(i);
    }
    for (int i = 0; i < name.length(); i++) {
      key[32 + i] = (byte) name.charAt(i);
    }
    return ByteBuffer.wrap(key);
  }

  @Test
  void spellsThemAsTheKernelLooksThemUp() {
    assertThat(
            WatchedNames.entries(
                List.of(
                    new WatchedName("cron.d", "", false, Set.of(Use.WRITE)),
                    new WatchedName("", ".bashrc", false, Set.of(Use.WRITE)),
                    new WatchedName("gcloud", "", true, Set.of(Use.READ)),
                    new WatchedName(".ssh", "id_rsa", false, Set.of(Use.READ)),
                    new WatchedName(".ssh", "id_rsa", false, Set.of(Use.WRITE)))))
        .containsOnly(
            java.util.Map.entry(key("cron.d", ""), 2),
            java.util.Map.entry(key("", ".bashrc"), 2),
            java.util.Map.entry(key("gcloud", "/"), 1),
            java.util.Map.entry(key(".ssh", "id_rsa"), 3),
            java.util.Map.entry(key("", ".ssh"), 16));
  }

  @Test
  void refusesNamesThatNoEntryCanHave() {
    for (WatchedNameText bad :
        List.of(
            new WatchedNameText("", "", false),
            new WatchedNameText("", "", true),
            new WatchedNameText("a", "b", true),
            new WatchedNameText("a/b", "", false),
            new WatchedNameText("", "a\0", false),
            new WatchedNameText("d".repeat(32), "", false),
            new WatchedNameText("", "n".repeat(48), false),
            new WatchedNameText("", "é".repeat(24), false))) {
      assertThatIllegalArgumentException()
          .as(bad.toString())
          .isThrownBy(() -> bad.watched(Set.of(Use.READ)));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new WatchedNameText("", "n".repeat(47), false).watched(Set.of()));
    assertThat(new WatchedNameText("d".repeat(31), "n".repeat(47), false).watched(Set.of(Use.READ)))
        .isNotNull();
  }

  private record WatchedNameText(String directory, String name, boolean below) {
    WatchedName watched(Set<Use> uses) {
      return new WatchedName(directory, name, below, uses);
    }
  }
}
