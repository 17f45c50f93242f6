package dev.mayfly.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

@NullMarked
class ServiceBindingTest {
  private static final byte[] PRIORITY_AND_TARGET = {0, 1, 0};
  private static final byte[] ALPN = {0, 1, 0, 3, 2, 'h', '2'};
  private static final byte[] PORT = {0, 3, 0, 2, 0x01, (byte) 0xbb};
  private static final byte[] IPV4_HINT = {0, 4, 0, 4, 10, 0, 0, 1};
  private static final byte[] ECH = {0, 5, 0, 2, 9, 9};
  private static final byte[] IPV6_HINT = {0, 6, 0, 2, 9, 9};

  private static byte[] of(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  @Test
  void cutsEncryptedHelloAndAddresses() {
    assertThat(ServiceBinding.cut(of(PRIORITY_AND_TARGET, ALPN, PORT, IPV4_HINT, ECH, IPV6_HINT)))
        .contains(of(PRIORITY_AND_TARGET, ALPN, PORT));
  }

  @Test
  void keepsAliases() {
    byte[] alias = {0, 0, 1, 'a', 0};
    assertThat(ServiceBinding.cut(alias)).contains(alias);
  }

  @Test
  void dropsWhatAClientMustNotUseWithoutThem() {
    byte[] mandatory = {0, 0, 0, 2, 0, 5};
    byte[] harmless = {0, 0, 0, 2, 0, 1};
    assertThat(ServiceBinding.cut(of(PRIORITY_AND_TARGET, mandatory, ECH))).isEmpty();
    assertThat(ServiceBinding.cut(of(PRIORITY_AND_TARGET, harmless, ALPN))).isPresent();
  }

  @Test
  void dropsKeysOutOfOrderAndDataThatEndEarly() {
    assertThat(ServiceBinding.cut(of(PRIORITY_AND_TARGET, ECH, ALPN))).isEmpty();
    assertThat(ServiceBinding.cut(of(PRIORITY_AND_TARGET, ALPN, ALPN))).isEmpty();
    assertThat(ServiceBinding.cut(new byte[] {0})).isEmpty();
    assertThat(ServiceBinding.cut(of(PRIORITY_AND_TARGET, new byte[] {0, 1, 0, 9}))).isEmpty();
  }
}
