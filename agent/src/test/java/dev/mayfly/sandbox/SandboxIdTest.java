package dev.mayfly.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SandboxIdTest {
  @Test
  void beginsWithItsSupervisor() {
    SandboxId id = SandboxId.of("abc234yz", 17);
    assertThat(id).hasToString("abc234yz-17");
    assertThat(id.supervisor()).isEqualTo("abc234yz");
    assertThat(SandboxId.parse("abc234yz-17")).contains(id);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "abcdefgh",
        "abcdefgh-",
        "abcdefg-1",
        "abcdefghi-1",
        "abcdefg1-1",
        "ABCDEFGH-1",
        "abcdefgh-1 ",
        " abcdefgh-1",
        "abcdefgh-1\n",
        "abcdefgh-1x",
        "abcdefgh-1-2",
        "abcdefgh--1",
        "abcdefgh-1234567890",
        "abcdefgh_1",
        "abcdefgh-١",
        "mayfly-abcdefgh-1",
        "abcdefgh-1/..",
        "../abcdefgh-1",
        "null"
      })
  void refusesLookAlikes(String text) {
    assertThat(SandboxId.parse(text)).isEmpty();
    assertThatThrownBy(() -> new SandboxId(text)).isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({
    "abcdefgh-1, abcdefgh-1",
    "mayfly-abcdefgh-1, abcdefgh-1",
    "/var/lib/mayfly/sandboxes/abcdefgh-12/abcdefgh-12.img, abcdefgh-12",
    "/x/abcdefgh-1.img (deleted), abcdefgh-1",
    "/mayfly/abcdefgh-1/libpod-77, abcdefgh-1",
    "abcdefgh-123456789, abcdefgh-123456789",
    "aabcdefgh-1 zzzzzzzz-2, zzzzzzzz-2"
  })
  void findsTheIdInLongerNames(String name, String id) {
    assertThat(SandboxId.find(name)).contains(new SandboxId(id));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "aabcdefgh-1",
        "Aabcdefgh-1",
        "9abcdefgh-1",
        "abcdefgh-1234567890",
        "abcdefgh-1x",
        "abcdefgh-1X.img",
        "abcdefgh.1",
        "/x/abcdefg-1.img"
      })
  void findsNoneInLookAlikes(String name) {
    assertThat(SandboxId.find(name)).isEmpty();
  }
}
