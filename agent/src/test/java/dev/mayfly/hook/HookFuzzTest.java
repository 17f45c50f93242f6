package dev.mayfly.hook;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Random bytes, and calls with damage: whatever comes, it is a call, an end before that, or the
 * protocol's own exception; and a call is what its frames say. {@code -Dmayfly.fuzz=N} tries N
 * inputs.
 */
class HookFuzzTest {
  private static final int INPUTS = Integer.getInteger("mayfly.fuzz", 200_000);
  private static final long SEED = 20_261_128;
  private static final int[] TYPES = {1, 1, 2, 2, 3, 4, 5, 6, 0, 7, 64, 255};
  private static final String[] TEXTS = {
    "run", "A=b", "A=", "=", "=x", "CUSTOM_ENV_CI=1", "", "\0", "é=ü", "a\n=b", "{\"id\":1}"
  };

  @Test
  void endsInACallOrTheProtocolsOwnException() {
    Random random = new Random(SEED);
    int calls = 0;
    int refused = 0;
    for (int i = 0; i < INPUTS; i++) {
      byte[] input = i % 8 == 0 ? noise(random) : frames(random);
      try {
        Optional<HookCall> call = read(input);
        if (call.isPresent()) {
          assertThat(written(read(written(call.get())).orElseThrow()))
              .isEqualTo(written(call.get()));
          calls++;
        }
      } catch (HookProtocolException e) {
        refused++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("input " + i + ": " + HexFormat.of().formatHex(input), e);
      }
    }
    assertThat(calls).as("inputs that got through").isGreaterThan(INPUTS / 50);
    assertThat(refused).as("inputs that were refused").isGreaterThan(INPUTS / 50);
  }

  /** Reads what came over a connection until it ends, as the server does. */
  private static Optional<HookCall> read(byte[] input) throws HookProtocolException {
    HookCallReader reader = new HookCallReader();
    ByteBuffer left = ByteBuffer.wrap(input);
    while (left.remaining() >= 12) {
      byte[] header = new byte[12];
      left.get(header);
      int length = HookFrame.payloadLength(ByteBuffer.wrap(header));
      if (left.remaining() < length) {
        return Optional.empty();
      }
      byte[] payload = new byte[length];
      left.get(payload);
      Optional<HookCall> call = reader.take(HookFrame.decode(ByteBuffer.wrap(header), payload));
      if (call.isPresent()) {
        return call;
      }
    }
    return Optional.empty();
  }

  /** The frames of a call, in the order that the protocol has. */
  private static byte[] written(HookCall call) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(FakeHook.frame(FakeHook.ARGUMENT, call.name()));
    call.arguments().forEach(it -> out.writeBytes(FakeHook.frame(FakeHook.ARGUMENT, it)));
    call.environment().entrySet().stream()
        .sorted(Map.Entry.comparingByKey())
        .forEach(
            it -> {
              byte[] name = (it.getKey() + "=").getBytes(StandardCharsets.UTF_8);
              byte[] both = Arrays.copyOf(name, name.length + it.getValue().length);
              System.arraycopy(it.getValue(), 0, both, name.length, it.getValue().length);
              out.writeBytes(FakeHook.frame(FakeHook.VARIABLE, both));
            });
    call.response().ifPresent(it -> out.writeBytes(FakeHook.frame(FakeHook.RESPONSE, it)));
    out.writeBytes(FakeHook.frame(FakeHook.SCRIPT, call.script()));
    out.writeBytes(FakeHook.frame(FakeHook.GO));
    return out.toByteArray();
  }

  private static byte[] noise(Random random) {
    byte[] bytes = new byte[random.nextInt(64)];
    random.nextBytes(bytes);
    if (bytes.length >= 12 && random.nextBoolean()) {
      bytes[0] = (byte) random.nextInt(8);
      Arrays.fill(bytes, 1, 11, (byte) 0);
    }
    return bytes;
  }

  private static byte[] frames(Random random) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int count = random.nextInt(8);
    for (int i = 0; i < count; i++) {
      int type = TYPES[random.nextInt(random.nextInt(8) == 0 ? TYPES.length : 6)];
      byte[] payload = TEXTS[random.nextInt(TEXTS.length)].getBytes(StandardCharsets.UTF_8);
      if (type == FakeHook.SIGNAL) {
        payload = new byte[] {(byte) random.nextInt(256)};
      } else if (type == FakeHook.GO) {
        payload = new byte[0];
      }
      out.writeBytes(FakeHook.frame(type, payload));
    }
    out.writeBytes(FakeHook.frame(FakeHook.GO));
    byte[] bytes = out.toByteArray();
    for (int times = random.nextInt(3); times > 0; times--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes = Arrays.copyOf(bytes, at + 1);
        default -> bytes[at] = 0;
      }
    }
    return bytes;
  }
}
