package dev.mayfly.sandbox;

import dev.mayfly.engine.EngineException;
import dev.mayfly.engine.FakeAttachment;
import dev.mayfly.engine.FakeEngine;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The other end of an {@link InitChannel}, played by a test. */
public final class FakeInit {
  private final InitChannel channel;
  private final FakeAttachment attachment;

  private FakeInit(InitChannel channel, FakeAttachment attachment) {
    this.channel = channel;
    this.attachment = attachment;
  }

  public static FakeInit connect() throws EngineException {
    FakeEngine engine = new FakeEngine();
    InitChannel channel = InitChannel.attach(engine, FakeEngine.CONTAINER);
    return new FakeInit(channel, engine.lastAttachment());
  }

  public InitChannel channel() {
    return channel;
  }

  FakeAttachment attachment() {
    return attachment;
  }

  /** Writes to its standard output. */
  public void says(byte[]... frames) {
    for (byte[] frame : frames) {
      attachment.receiver().stdout(frame);
    }
  }

  void complains(String text) {
    attachment.receiver().stderr(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Ends, and with it the connection. */
  public void ends() {
    attachment.receiver().ended(null);
  }

  /** A frame of the supervisor's. */
  public record Frame(int type, int command, byte[] payload) {
    static Frame decode(byte[] bytes) {
      ByteBuffer fields = ByteBuffer.wrap(bytes);
      int first = fields.getInt();
      if ((first & 0xffffff) != 0) {
        throw new AssertionError("reserved bytes are not zero");
      }
      int command = fields.getInt();
      byte[] payload = new byte[fields.getInt()];
      fields.get(payload);
      if (fields.hasRemaining()) {
        throw new AssertionError("more than one frame in one write");
      }
      return new Frame(first >>> 24, command, payload);
    }

    /** The payload of {@code SPAWN}, taken apart. */
    Spawn spawn() {
      ByteBuffer fields = ByteBuffer.wrap(payload);
      int uid = fields.getInt();
      int gid = fields.getInt();
      List<Integer> groups = new ArrayList<>();
      for (int left = fields.getInt(); left > 0; left--) {
        groups.add(fields.getInt());
      }
      int mode = fields.get();
      int rows = Short.toUnsignedInt(fields.getShort());
      int columns = Short.toUnsignedInt(fields.getShort());
      byte[] directory = string(fields);
      Spawn spawn =
          new Spawn(
              uid, gid, groups, mode, rows, columns, directory, strings(fields), strings(fields));
      if (fields.hasRemaining()) {
        throw new AssertionError(fields.remaining() + " bytes too many");
      }
      return spawn;
    }

    private static List<byte[]> strings(ByteBuffer fields) {
      List<byte[]> strings = new ArrayList<>();
      for (int left = fields.getInt(); left > 0; left--) {
        strings.add(string(fields));
      }
      return strings;
    }

    private static byte[] string(ByteBuffer fields) {
      byte[] bytes = new byte[fields.getInt()];
      fields.get(bytes);
      return bytes;
    }
  }

  /** A command as PID 1 is told of it. */
  record Spawn(
      int uid,
      int gid,
      List<Integer> groups,
      int mode,
      int rows,
      int columns,
      byte[] directory,
      List<byte[]> arguments,
      List<byte[]> environment) {}

  /** What the supervisor sent next, once it did. */
  public Frame awaitFrame() throws InterruptedException {
    return Frame.decode(attachment.awaitSent());
  }

  /** Spawns {@code true}, and takes its {@code SPAWN}. */
  public Command spawn(OutputStream stdout, OutputStream stderr)
      throws IOException, SpawnTooLargeException, InterruptedException {
    return spawn(InitFrame.Mode.PIPES, stdout, stderr);
  }

  Command spawn(InitFrame.Mode mode, OutputStream stdout, OutputStream stderr)
      throws IOException, SpawnTooLargeException, InterruptedException {
    Command command = channel.spawn(command(mode), new Command.Sinks(stdout, stderr));
    if (awaitFrame().type() != 1) {
      throw new AssertionError("no SPAWN");
    }
    return command;
  }

  private static CommandSpec command(InitFrame.Mode mode) {
    return new CommandSpec(
        1001,
        1001,
        List.of(),
        mode,
        0,
        0,
        "/workspace".getBytes(StandardCharsets.UTF_8),
        List.of("true".getBytes(StandardCharsets.UTF_8)),
        List.of());
  }
}
