package dev.mayfly.egress;

import dev.mayfly.egress.GateDecision.Pass;
import dev.mayfly.egress.GateDecision.Refuse;
import dev.mayfly.egress.GateDecision.Verdict;
import dev.mayfly.policy.DomainName;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.DecoderException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** An {@link Intake} without a network; every byte of memory is accounted for. */
final class IntakeChannel implements AutoCloseable {
  private final UnpooledByteBufAllocator memory = new UnpooledByteBufAllocator(true);
  private final List<Verdict> verdicts = new ArrayList<>();
  private final List<FirstHello> hellos = new ArrayList<>();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private String failure = "";

  IntakeChannel() {
    this(sandbox());
  }

  IntakeChannel(ArmedSandbox sandbox) {
    channel.config().setAllocator(memory);
    channel
        .pipeline()
        .addLast(
            new Intake(
                sandbox,
                GateSandboxes.CDN,
                443,
                new Intake.Outcome() {
                  @Override
                  public boolean holds(int bytes) {
                    return true;
                  }

                  @Override
                  public void passed(Pass pass, FirstHello hello) {
                    verdicts.add(pass);
                    hellos.add(hello);
                  }

                  @Override
                  public void refused(Refuse refuse) {
                    verdicts.add(refuse);
                  }
                }));
  }

  /** One that may reach {@code a.example} where the channel goes. */
  static ArmedSandbox sandbox() {
    ArmedSandbox sandbox = GateSandboxes.allowing("a.example");
    sandbox.resolved(new DomainName("a.example"), List.of(GateSandboxes.CDN), Instant.MAX);
    return sandbox;
  }

  void feed(byte[] bytes, int piece) {
    for (int at = 0; at < bytes.length && channel.isOpen(); at += piece) {
      ByteBuf segment = memory.buffer();
      segment.writeBytes(bytes, at, Math.min(piece, bytes.length - at));
      try {
        channel.writeInbound(segment);
      } catch (DecoderException e) {
        failure = String.valueOf(e.getMessage());
      }
    }
  }

  List<Verdict> verdicts() {
    return verdicts;
  }

  /** The hello that passed. */
  FirstHello hello() {
    return hellos.getFirst();
  }

  /** Why Netty's decoder closed the connection itself. */
  String failure() {
    return failure;
  }

  byte[] passedOn() {
    List<byte[]> parts = new ArrayList<>();
    ByteBuf part;
    while ((part = channel.readInbound()) != null) {
      byte[] bytes = new byte[part.readableBytes()];
      part.readBytes(bytes);
      part.release();
      parts.add(bytes);
    }
    return Hellos.join(parts.toArray(byte[][]::new));
  }

  @Override
  public void close() {
    channel.finishAndReleaseAll();
    long left = memory.metric().usedDirectMemory() + memory.metric().usedHeapMemory();
    if (left != 0) {
      throw new AssertionError(left + " bytes of memory are not given back");
    }
  }
}
