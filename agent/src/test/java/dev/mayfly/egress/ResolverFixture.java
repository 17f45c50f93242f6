package dev.mayfly.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.util.ResourceLeakDetector;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;

/** A resolver on 127.0.0.1 with an upstream server, and sandboxes that ask it. */
@NullMarked
abstract class ResolverFixture {
  final ArmedSandboxes sandboxes = new ArmedSandboxes();
  final FakePacketLayer packets = new FakePacketLayer();
  private final List<AutoCloseable> made = new ArrayList<>();
  FakeUpstream upstream;
  Resolver resolver;

  @SuppressWarnings("NullAway.Init")
  ResolverFixture() {}

  @BeforeAll
  static void looksForLeaks() {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
  }

  @BeforeEach
  void start() throws IOException {
    upstream = new FakeUpstream();
    made.add(upstream);
    upstream.addresses(60, "198.51.100.7", "2001:db8:1::7");
    resolver = resolver(upstream.address());
    resolver.packets(packets);
  }

  Resolver resolver(InetSocketAddress... upstreams) throws IOException {
    Resolver one = Resolver.open(List.of(FakeSandbox.GATEWAY), 0, List.of(upstreams), sandboxes);
    made.addFirst(one);
    return one;
  }

  /** One whose loopback has further names. */
  FakeSandbox sandbox(String address, EgressPlan plan, String... aliases) throws IOException {
    return put(new FakeSandbox(address, plan, Egress.hostNames(List.of(aliases)), resolver.port()));
  }

  FakeSandbox sandbox(String address, EgressPlan plan, Resolver asks) throws IOException {
    return put(new FakeSandbox(address, plan, asks.port()));
  }

  private FakeSandbox put(FakeSandbox one) {
    made.addFirst(one);
    sandboxes.add(one.armed);
    return one;
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : made) {
      one.close();
      if (one instanceof Resolver closed) {
        assertThat(closed.buffers()).as("buffers left").isZero();
      }
    }
  }
}
