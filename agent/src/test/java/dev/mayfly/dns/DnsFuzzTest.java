package dev.mayfly.dns;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.util.ResourceLeakDetector;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Random bytes, and messages with damage: whatever comes, the decoders end in a value or in their
 * own exception, and hold no memory. {@code -Dmayfly.fuzz=N} tries N inputs.
 */
@NullMarked
class DnsFuzzTest {
  private static final int INPUTS = Integer.getInteger("mayfly.fuzz", 200_000);
  private static final long SEED = 20_261_127;

  @BeforeAll
  static void looksForLeaks() {
    ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.PARANOID);
  }

  private static List<byte[]> seeds() {
    byte[] query = RawMessage.query(1, "a.b.example.org", RawMessage.A).bytes();
    byte[] https = RawMessage.query(1, "a.example.org", RawMessage.HTTPS).bytes();
    byte[] back = {(byte) 0xc0, 12};
    byte[] mx = {0, 1, (byte) 0xc0, 12};
    byte[] srv = {0, 1, 0, 1, 0, 1, (byte) 0xc0, 12};
    byte[] binding = {0, 1, 0, 0, 1, 0, 3, 2, 'h', '2', 0, 4, 0, 4, 1, 2, 3, 4, 0, 5, 0, 1, 1};
    return List.of(
        query,
        RawMessage.query(2, "example.org", RawMessage.TXT).edns(1232).bytes(),
        RawMessage.response(query)
            .alias("a.b.example.org", "c.example.org")
            .address("c.example.org", "192.0.2.1", 60)
            .edns(1232)
            .bytes(),
        RawMessage.response(query)
            .record(1, back, RawMessage.CNAME, 1, back)
            .record(1, back, 15, 1, mx)
            .record(1, back, 33, 1, srv)
            .record(1, back, RawMessage.TXT, 1, (byte) 2, (byte) 'a', (byte) 'b')
            .record(2, back, RawMessage.SOA, 1, RawMessage.soa(5))
            .bytes(),
        RawMessage.response(https).record(1, back, RawMessage.HTTPS, 1, binding).bytes());
  }

  @Test
  void endsInAValueOrItsOwnException() {
    Random random = new Random(SEED);
    List<byte[]> seeds = seeds();
    UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(false, true);
    int fit = 0;
    for (int i = 0; i < INPUTS; i++) {
      byte[] input = i % 4 == 0 ? noise(random) : damaged(seeds.get(i % seeds.size()), random);
      ByteBuf bytes = memory.heapBuffer(input.length).writeBytes(input);
      try {
        fit += query(memory, bytes) + answer(memory, bytes);
        assertThat(bytes.refCnt()).isEqualTo(1);
      } catch (RuntimeException | Error e) {
        throw new AssertionError("input " + i + ": " + HexFormat.of().formatHex(input), e);
      } finally {
        bytes.release();
      }
    }
    assertThat(fit).as("inputs that got through").isGreaterThan(INPUTS / 50);
    assertThat(memory.metric().usedHeapMemory()).isZero();
    assertThat(memory.metric().usedDirectMemory()).isZero();
  }

  private static int query(UnpooledByteBufAllocator memory, ByteBuf bytes) {
    return switch (QueryReader.read(bytes)) {
      case Query.Asked(Question question) -> {
        ByteBuf reply =
            MessageWriter.reply(
                memory, question, MessageWriter.Reply.of(DnsResponseCode.NXDOMAIN), 512);
        try {
          Answer again = AnswerReader.read(reply);
          assertThat(again.asked()).isEqualTo(question.name());
          assertThat(again.id()).isEqualTo(question.id());
        } finally {
          reply.release();
        }
        yield 1;
      }
      case Query.Unfit unfit -> {
        ByteBuf reply = MessageWriter.reply(memory, unfit);
        reply.release();
        yield 0;
      }
      case Query.Noise() -> 0;
    };
  }

  /** What was read is written again, and read to the same. */
  private static int answer(UnpooledByteBufAllocator memory, ByteBuf bytes) {
    Answer answer;
    try {
      answer = AnswerReader.read(bytes);
    } catch (MalformedDnsException e) {
      return 0;
    }
    if (AnswerChain.follow(answer) instanceof AnswerChain.Followed followed) {
      Question question =
          new Question(1, answer.asked(), answer.type(), true, false, OptionalInt.empty());
      ByteBuf reply =
          MessageWriter.reply(
              memory,
              question,
              new MessageWriter.Reply(answer.code(), followed.records(), List.of(), 5),
              65_535);
      try {
        Answer again = AnswerReader.read(reply);
        assertThat(again.answers()).hasSize(followed.records().size());
        assertThat(AnswerChain.follow(again))
            .isInstanceOfSatisfying(
                AnswerChain.Followed.class,
                same -> assertThat(same.hops()).isEqualTo(followed.hops()));
      } finally {
        reply.release();
      }
    }
    return 1;
  }

  private static byte[] noise(Random random) {
    byte[] bytes = new byte[random.nextInt(600)];
    random.nextBytes(bytes);
    return bytes;
  }

  private static byte[] damaged(byte[] seed, Random random) {
    List<Byte> bytes = new ArrayList<>();
    for (byte one : seed) {
      bytes.add(one);
    }
    int times = random.nextInt(5);
    for (int i = 0; i < times && !bytes.isEmpty(); i++) {
      int at = random.nextInt(bytes.size());
      switch (random.nextInt(5)) {
        case 0 -> bytes.set(at, (byte) random.nextInt(256));
        case 1 -> bytes.remove(at);
        case 2 -> bytes.add(at, (byte) random.nextInt(256));
        case 3 -> bytes.set(at, (byte) (0xc0 | random.nextInt(2)));
        default -> bytes.subList(at, bytes.size()).clear();
      }
    }
    byte[] made = new byte[bytes.size()];
    for (int i = 0; i < made.length; i++) {
      made[i] = bytes.get(i);
    }
    return made;
  }
}
