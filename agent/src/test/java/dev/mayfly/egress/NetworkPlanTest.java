package dev.mayfly.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.policy.IpRange;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class NetworkPlanTest {
  @Test
  void derivesAllFromTheNumber() {
    SandboxAddress address = NetworkPlan.DEFAULT.address(0x2a);
    assertThat(address.device()).isEqualTo("mfy02a");
    assertThat(address.ipv4().getHostAddress()).isEqualTo("198.19.0.42");
    assertThat(address.ipv6().getHostAddress()).isEqualTo("fd6d:6179:666c:1:0:0:0:2a");
    assertThat(NetworkPlan.number("mfy02a")).hasValue(0x2a);
    assertThat(NetworkPlan.number("mfy-gw")).isEmpty();
    assertThat(NetworkPlan.number("eth0")).isEmpty();
  }

  @Test
  void staysWithinTheRanges() {
    NetworkPlan plan = NetworkPlan.DEFAULT;
    SandboxAddress last = plan.address(NetworkPlan.FIRST + plan.size() - 1);
    assertThat(last.ipv4().getHostAddress()).isEqualTo("198.19.255.254");
    assertThat(last.device()).isEqualTo("mfyfffe");
    assertThat(plan.insideMac(5)).isNotEqualTo(plan.outsideMac(5));
  }

  @Test
  void refusesRangesThatHoldNoSandboxes() {
    IpRange ipv6 = NetworkPlan.DEFAULT.ipv6();
    for (String wrong : new String[] {"198.19.0.0/28", "192.0.0.0/8", "fd00::/64"}) {
      IpRange ipv4 = IpRange.parse(wrong);
      assertThatThrownBy(() -> new NetworkPlan(ipv4, ipv6, Path.of("/run")))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
