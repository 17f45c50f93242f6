package dev.mayfly.bpf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.event.WatchedName;
import dev.mayfly.event.WatchedName.Use;
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
                    new WatchedName("cron.d", "", false, Set.of(Use.WRITE), Set.of(Use.WRITE)),
                    new WatchedName("", ".bashrc", false, Set.of(Use.WRITE), Set.of()),
                    new WatchedName("gcloud", "", true, Set.of(Use.READ), Set.of()),
                    new WatchedName(".ssh", "id_rsa", false, Set.of(Use.READ), Set.of(Use.READ)),
                    new WatchedName(".ssh", "id_rsa", false, Set.of(Use.WRITE), Set.of()))))
        .containsOnly(
            java.util.Map.entry(key("cron.d", ""), 2 | 64),
            java.util.Map.entry(key("", ".bashrc"), 2),
            java.util.Map.entry(key("gcloud", "/"), 1),
            java.util.Map.entry(key(".ssh", "id_rsa"), 1 | 2 | 32),
            java.util.Map.entry(key("", ".ssh"), 16 | 32));
  }
}
