package dev.mayfly.monitor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.event.Actor;
import dev.mayfly.event.FileIdentity;
import dev.mayfly.job.Printable;
import dev.mayfly.job.Redaction;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ProcessChainTest {
  private static Actor executing(String... arguments) {
    return new Actor(
        SampleEvents.key(1),
        Optional.empty(),
        FileIdentity.UNKNOWN,
        "/usr/bin/curl",
        "curl",
        List.of(arguments),
        "/workspace",
        0,
        1,
        1,
        0);
  }

  @Test
  void isCutWhereASecretIsAndStillMasked() {
    String secret = "token-🚀-0123456789";
    Redaction redaction = new Redaction(List.of(secret));
    for (int before = 60; before < 125; before++) {
      String line =
          Printable.escaped(
              ProcessChain.text(executing("curl", "-H", "x".repeat(before) + secret, "https://e")));
      assertThat(redaction.of(line)).as("%d", before).doesNotContain("toke");
    }
  }
}
