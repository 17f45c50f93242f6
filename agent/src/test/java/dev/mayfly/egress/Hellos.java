package dev.mayfly.egress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;

/** ClientHellos: real ones of the JDK, and made by hand. */
final class Hellos {
  static final int GREASE = 0x3a3a;
  static final int ENCRYPTED = 0xfe0d;
  static final int HEADERS = 5 + 4;

  private Hellos() {}

  /** The record that the JDK's client begins with. */
  static byte[] real(String version, Optional<String> name)
      throws GeneralSecurityException, SSLException {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, null, null);
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(true);
    SSLParameters parameters = engine.getSSLParameters();
    parameters.setProtocols(new String[] {version});
    name.ifPresent(host -> parameters.setServerNames(List.of(new SNIHostName(host))));
    engine.setSSLParameters(parameters);
    ByteBuffer record = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
    engine.beginHandshake();
    engine.wrap(ByteBuffer.allocate(0), record);
    byte[] bytes = new byte[record.flip().remaining()];
    record.get(bytes);
    return bytes;
  }

  /** Without the headers of record and message. */
  static ByteBuf body(byte[] record) {
    return Unpooled.wrappedBuffer(record, HEADERS, record.length - HEADERS);
  }

  /** The body of a hello with these extensions, each with type and length. */
  static byte[] hello(byte[]... extensions) {
    byte[] all = join(extensions);
    return join(
        new byte[] {3, 3},
        new byte[32],
        new byte[] {0, 0, 4, 0x13, 0x01, 0x3a, 0x3a, 1, 0},
        u16(all.length),
        all);
  }

  /** A server's answer to a hello, in one record. */
  static byte[] serverHello() {
    byte[] random = new byte[32];
    Arrays.fill(random, (byte) 7);
    return serverHello(random);
  }

  /** A server's answer that asks for another hello: its random is SHA-256 of what it is called. */
  static byte[] retry() {
    try {
      return serverHello(
          MessageDigest.getInstance("SHA-256")
              .digest("HelloRetryRequest".getBytes(StandardCharsets.US_ASCII)));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] serverHello(byte[] random) {
    byte[] extensions = join(extension(43, new byte[] {3, 4}), extension(51, new byte[] {0, 24}));
    byte[] body =
        join(
            new byte[] {3, 3},
            random,
            new byte[] {0, 0x13, 0x01, 0},
            u16(extensions.length),
            extensions);
    return record(22, join(new byte[] {2, 0}, u16(body.length), body));
  }

  static byte[] record(int type, byte... content) {
    return join(new byte[] {(byte) type, 3, 3}, u16(content.length), content);
  }

  static byte[] extension(int type, byte[]... data) {
    byte[] all = join(data);
    return join(u16(type), u16(all.length), all);
  }

  static byte[] serverName(String... names) {
    byte[][] entries = new byte[names.length][];
    for (int i = 0; i < names.length; i++) {
      byte[] name = names[i].getBytes(StandardCharsets.ISO_8859_1);
      entries[i] = join(new byte[] {0}, u16(name.length), name);
    }
    byte[] list = join(entries);
    return extension(0, u16(list.length), list);
  }

  /** As one record, or as many of this length at most. */
  static byte[] records(byte[] body, int longest) {
    byte[] message = join(new byte[] {1, (byte) (body.length >> 16)}, u16(body.length), body);
    List<byte[]> parts = new ArrayList<>();
    for (int at = 0; at < message.length; at += longest) {
      int length = Math.min(longest, message.length - at);
      byte[] part = new byte[length];
      System.arraycopy(message, at, part, 0, length);
      parts.add(join(new byte[] {22, 3, 1}, u16(length), part));
    }
    return join(parts.toArray(byte[][]::new));
  }

  static byte[] u16(int number) {
    return new byte[] {(byte) (number >> 8), (byte) number};
  }

  static byte[] join(byte[]... parts) {
    ByteBuf all = Unpooled.wrappedBuffer(parts);
    byte[] bytes = new byte[all.readableBytes()];
    all.readBytes(bytes);
    return bytes;
  }
}
