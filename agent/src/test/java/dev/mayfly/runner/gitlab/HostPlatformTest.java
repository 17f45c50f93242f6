package dev.mayfly.runner.gitlab;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class HostPlatformTest {
  @ParameterizedTest
  @CsvSource({
    "amd64, linux/amd64, true",
    "amd64, linux/x86_64, true",
    "amd64, LINUX/AMD64, true",
    "amd64, amd64, true",
    "amd64, linux, true",
    "amd64, '', true",
    "amd64, linux/amd64/v3, true",
    "x86_64, linux/amd64, true",
    "aarch64, linux/arm64/v8, true",
    "aarch64, arm64, true",
    "amd64, linux/arm64, false",
    "aarch64, linux/amd64, false",
    "amd64, windows/amd64, false",
    "amd64, windows, false",
    "amd64, linux/, false",
    "amd64, linux/amd64/v3/x, false",
    "amd64, /amd64, false",
  })
  void isWhatAnImageMustBeFor(String own, String asked, boolean matches) {
    assertThat(new HostPlatform(own).matches(asked)).isEqualTo(matches);
  }
}
