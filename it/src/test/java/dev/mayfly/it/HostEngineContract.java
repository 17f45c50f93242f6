package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What differs where the engine is the host's own and has no user name space. */
abstract class HostEngineContract extends EngineContract {
  HostEngineContract(TestEngine engine, Path directory) {
    super(engine, directory);
  }

  @Test
  void runsTheJobAsAnUnprivilegedUserWithoutCapabilities() {
    Mayfly.Result result =
        mayfly()
            .exec(
                "sh",
                "-c",
                "id -u; touch made && touch $HOME/made && echo writable;"
                    + " grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status");

    assertThat(result.stdout())
        .startsWith("1001\nwritable\n")
        .contains("CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2");
  }

  @Test
  void givesRootTheEightCapabilitiesWhereThePolicyAsksForIt() {
    Mayfly.Result result =
        mayfly("policies: [{name: default, identity: root}]\n")
            .exec("sh", "-c", "id -u; grep '^CapEff:' /proc/self/status");

    assertThat(result.stdout()).isEqualTo("0\nCapEff:\t00000000000004fb\n");
  }

  @Test
  void isWeakerThanThePrivateEngineAndCheckSaysSo() {
    Mayfly.Result result =
        mayfly()
            .run(
                InputStream.nullInputStream(),
                List.of("check", "--config", mayfly().config().toString()));

    assertThat(result.exitCode()).isZero();
    assertThat(result.stdout()).containsPattern("weak +user name ?space");
  }
}
