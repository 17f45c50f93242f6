package dev.mayfly.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DomainNameTest {
  @ParameterizedTest
  @CsvSource({
    "a.b.example.org, example.org",
    "a.b.example.co.uk, example.co.uk",
    "co.uk, co.uk",
    "example.org, example.org",
    "localhost, localhost"
  })
  void knowsWhatSomebodyRegistered(String name, String registered) {
    assertThat(DomainName.parse(name).registered().text()).isEqualTo(registered);
  }

  @Test
  void knowsWhatAnybodyCanRegisterBelow() {
    assertThat(DomainName.parse("org").isPublicSuffix()).isTrue();
    assertThat(DomainName.parse("co.uk").isPublicSuffix()).isTrue();
    assertThat(DomainName.parse("example.org").isPublicSuffix()).isFalse();
    assertThat(DomainName.parse("example.co.uk").isPublicSuffix()).isFalse();
  }
}
