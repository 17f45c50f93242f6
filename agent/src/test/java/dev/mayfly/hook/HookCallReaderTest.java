package dev.mayfly.hook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

final class HookCallReaderTest {
  private static final HookFrame GO = new HookFrame.Go();

  private final HookCallReader reader = new HookCallReader();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void take(HookFrame... frames) throws IOException {
    for (HookFrame frame : frames) {
      assertThat(reader.take(frame)).isEmpty();
    }
  }

  private static HookFrame argument(String text) {
    return new HookFrame.Argument(bytes(text));
  }

  private static HookFrame variable(String text) {
    return new HookFrame.Variable(bytes(text));
  }

  private static void refuses(ThrowingCallable call, String what) {
    assertThatThrownBy(call)
        .isInstanceOf(HookProtocolException.class)
        .hasMessage(
            "not the hook protocol: "
                + what
                + "; are mayfly-hook and the supervisor of the same version?");
  }

  @Test
  void putsACallTogether() throws IOException {
    take(argument("run"), argument("/tmp/script"), argument("step é"));
    take(variable("A=b=c"), variable("EMPTY="), variable("B=\n"));
    take(new HookFrame.Response(bytes("{\"id\"")), new HookFrame.Response(bytes(":1}")));
    take(new HookFrame.Script(bytes("echo ")), new HookFrame.Script(bytes("hi\n")));

    HookCall call = reader.take(GO).orElseThrow();

    assertThat(call.name()).isEqualTo("run");
    assertThat(call.arguments()).containsExactly("/tmp/script", "step é");
    assertThat(call.environment()).containsOnlyKeys("A", "EMPTY", "B");
    assertThat(call.variable("A")).contains("b=c");
    assertThat(call.variable("EMPTY")).contains("");
    assertThat(call.variable("B")).contains("\n");
    assertThat(call.variable("C")).isEmpty();
    assertThat(call.response().map(it -> new String(it, StandardCharsets.UTF_8)))
        .contains("{\"id\":1}");
    assertThat(call.script()).asString().isEqualTo("echo hi\n");
  }

  @Test
  void knowsAnEmptyResponseFromNone() throws IOException {
    take(argument("config"));
    assertThat(reader.take(GO).orElseThrow().response()).isEmpty();
    take(new HookFrame.Response(new byte[0]));
    assertThat(reader.take(GO).orElseThrow().response())
        .hasValueSatisfying(it -> assertThat(it).isEmpty());
  }

  @Test
  void hasTheFirstOfTwoVariablesOfOneName() throws IOException {
    take(argument("config"), variable("A=1"), variable("A=2"));
    assertThat(reader.take(GO).orElseThrow().variable("A")).contains("1");
  }

  @Test
  void leavesOutVariablesWithoutANameOrAValue() throws IOException {
    take(argument("config"), variable("A"), variable("=B"), variable("=C=D"));
    assertThat(reader.take(GO).orElseThrow().environment()).containsOnlyKeys("=C");
  }

  @Test
  void keepsValuesThatAreNoText() throws IOException {
    take(argument("config"), new HookFrame.Variable(new byte[] {'A', '=', -1, 0}));
    assertThat(reader.take(GO).orElseThrow().environment().get("A")).containsExactly(-1, 0);
  }

  @Test
  void takesSixteenArguments() throws IOException {
    for (int i = 0; i < 16; i++) {
      take(argument("a" + i));
    }
    refuses(() -> reader.take(argument("b")), "more than 16 arguments");
    assertThat(reader.take(GO).map(HookCall::arguments)).map(it -> it.size()).contains(15);
  }

  @Test
  void boundsTheEnvironment() throws IOException {
    byte[] most = new byte[128 << 10];
    most[0] = 'A';
    most[1] = '=';
    for (int i = 0; i < 64; i++) {
      take(new HookFrame.Variable(most));
    }
    refuses(() -> reader.take(variable("B")), "an environment above 8388608 bytes");
  }

  @Test
  void boundsTheNumberOfVariables() throws IOException {
    for (int i = 0; i < 65_536; i++) {
      take(variable("A"));
    }
    refuses(() -> reader.take(variable("A")), "more than 65536 variables");
  }

  @Test
  void boundsTheResponse() throws IOException {
    for (int i = 0; i < 256; i++) {
      take(new HookFrame.Response(new byte[HookFrame.MAX_BYTES]));
    }
    take(new HookFrame.Response(new byte[0]));
    refuses(
        () -> reader.take(new HookFrame.Response(new byte[1])),
        "a job response above 16777216 bytes");
  }

  @Test
  void boundsTheScriptAsTheHookDoes() throws IOException {
    for (int i = 0; i < 1024; i++) {
      take(new HookFrame.Script(new byte[HookFrame.MAX_BYTES]));
    }
    refuses(() -> reader.take(new HookFrame.Script(new byte[1])), "a script above 67108864 bytes");
  }

  @Test
  void refusesACallWithoutAName() {
    refuses(() -> reader.take(GO), "a call without a name");
  }

  @Test
  void refusesASignalBeforeTheCall() {
    refuses(() -> reader.take(new HookFrame.Signal(15)), "a signal before the call");
  }

  @Test
  void tellsTheCallersBytesApartFromLaterOnes() throws IOException {
    take(argument("run"), new HookFrame.Script(bytes("a")));
    HookCall first = reader.take(GO).orElseThrow();
    take(new HookFrame.Script(bytes("b")));
    assertThat(first.script()).asString().isEqualTo("a");
    assertThat(first.response()).isEqualTo(Optional.empty());
  }
}
