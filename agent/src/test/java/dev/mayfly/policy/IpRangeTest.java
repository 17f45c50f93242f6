package dev.mayfly.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IpRangeTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.0.0.0, true",
    "10.0.0.0/8, 10.255.255.255, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "10.0.0.0/8, 9.255.255.255, false",
    "198.18.0.0/15, 198.19.255.255, true",
    "198.18.0.0/15, 198.20.0.0, false",
    "100.64.0.0/10, 100.127.255.255, true",
    "100.64.0.0/10, 100.128.0.0, false",
    "0.0.0.0/0, 255.255.255.255, true",
    "0.0.0.0/0, 2001:db8::1, false",
    "::/0, 10.0.0.1, false",
    "fc00::/7, fd00:ec2::254, true",
    "fc00::/7, fe00::, false",
    "2001:20::/28, 2001:2f:ffff::, true",
    "2001:20::/28, 2001:30::, false",
    "::ffff:0:0/96, ::ffff:10.0.0.1, true",
    "::ffff:0:0/96, 10.0.0.1, false",
    "192.0.2.1, 192.0.2.1, true",
    "192.0.2.1, 192.0.2.0, false"
  })
  void containsTheAddressesOfItsPrefix(String range, String address, boolean contains) {
    assertThat(IpRange.parse(range).contains(IpRange.parse(address).first())).isEqualTo(contains);
    assertThat(IpRange.parse(range).contains(IpRange.parse(address))).isEqualTo(contains);
  }

  @Test
  void isNotWithinASmallerRange() {
    assertThat(IpRange.parse("10.0.0.0/24").contains(IpRange.parse("10.0.0.0/8"))).isFalse();
    assertThat(IpRange.parse("10.0.0.0/8").contains(IpRange.parse("10.0.0.0/8"))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "::, ::/128",
    "::1, ::1/128",
    "2001:DB8::/32, 2001:db8::/32",
    "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1/128",
    "2001:0:0:1:0:0:0:1, 2001:0:0:1::1/128",
    "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1/128",
    "1:2:3:4:5:6:7::, 1:2:3:4:5:6:7:0/128",
    "fe80::, fe80::/128",
    "::ffff:0:0/96, ::ffff:0:0/96",
    "64:ff9b:1::/48, 64:ff9b:1::/48",
    "10.0.0.1, 10.0.0.1/32"
  })
  void showsWhatItReads(String text, String shown) {
    assertThat(IpRange.parse(text)).hasToString(shown);
    assertThat(IpRange.parse(shown)).isEqualTo(IpRange.parse(text));
  }

  @Test
  void keepsTheOuterOfRangesThatLieWithinEachOther() {
    List<IpRange> ranges =
        List.of("10.1.0.0/16", "192.0.2.0/24", "10.0.0.0/8", "10.2.0.0/16", "10.0.0.0/8").stream()
            .map(IpRange::parse)
            .toList();
    assertThat(IpRange.outermost(ranges)).hasToString("[192.0.2.0/24, 10.0.0.0/8]");
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0",
    "10.1.2.3",
    "100.100.100.200",
    "127.0.0.1",
    "169.254.169.254",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.19.0.1",
    "203.0.113.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "::",
    "::1",
    "::10.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2001::1",
    "2001:db8::1",
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "5f00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1"
  })
  void refusesByDefaultWhatNoPublicHostHas(String address) {
    assertThat(SpecialRanges.ALL).anyMatch(range -> range.contains(IpRange.parse(address).first()));
  }

  @ParameterizedTest
  @CsvSource({
    "1.1.1.1",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "172.32.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "2001:200::1",
    "2606:4700::1",
    "2a00::1"
  })
  void refusesNoPublicHostByDefault(String address) {
    assertThat(SpecialRanges.ALL)
        .noneMatch(range -> range.contains(IpRange.parse(address).first()));
  }

  @Test
  void saysOfEveryRangeWhereItIsDefinedAndWhy() {
    assertThat(SpecialRanges.ROWS)
        .hasSize(56)
        .doesNotHaveDuplicates()
        .allSatisfy(row -> assertThat(row.source()).matches("RFC [0-9].*|Microsoft Learn.*"))
        .allSatisfy(row -> assertThat(row.reason()).isNotBlank());
  }
}
