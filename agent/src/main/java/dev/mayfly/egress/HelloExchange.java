package dev.mayfly.egress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.Optional;

/**
 * What the two ends of a {@link Relay} say until the client can't name another server any more: the
 * server's answer and, where that is a HelloRetryRequest, the client's second ClientHello, which
 * has to be for whom the first one was (RFC 8446, sections 4.1.2 and 4.1.4). Until then the server
 * gets nothing but the first hello. Used by its loop's thread alone.
 */
final class HelloExchange {
  /** Of a server that answers with warnings alone. */
  private static final int LONGEST_ANSWER = 4096;

  private final ClientHello first;
  private final Flow upload;
  private final Flow download;
  private final Relay.Watch watch;
  private final HelloRecords records = HelloRecords.second();
  private ByteBuf rest;
  private ByteBuf answer;
  private Phase phase = Phase.ANSWER;
  private boolean sawEnd;

  private enum Phase {
    ANSWER,
    SECOND_HELLO,
    OVER
  }

  /**
   * @param first which the server is sent by the upload
   * @param rest what the client sent behind it; owned by the exchange
   * @param upload opened when the exchange is over
   * @param download opened when the server's answer is known
   */
  HelloExchange(ClientHello first, ByteBuf rest, Flow upload, Flow download, Relay.Watch watch) {
    this.first = first;
    this.rest = rest;
    this.upload = upload;
    this.download = download;
    this.watch = watch;
    answer = rest.alloc().directBuffer(0);
  }

  /** How many of the client's bytes it keeps. */
  int held() {
    return rest.readableBytes();
  }

  boolean awaitsSecondHello() {
    return phase == Phase.SECOND_HELLO;
  }

  boolean isOver() {
    return phase == Phase.OVER;
  }

  /** What is waited for on the client's socket. Of one that is gone, the server is to know. */
  int wantsOfClient() {
    return switch (phase) {
      case ANSWER -> sawEnd ? 0 : RelayEnd.END;
      case SECOND_HELLO -> RelayEnd.IN;
      case OVER -> 0;
    };
  }

  /** What is waited for on the server's socket. */
  int wantsOfServer() {
    return phase == Phase.ANSWER ? RelayEnd.IN : 0;
  }

  /** Reads what the server says. To be called where something of it is waited for. */
  void readServer() throws IOException, CutException {
    if (download.receive(answer) < 0) {
      pass(true, false);
      return;
    }
    switch (ServerAnswer.of(answer)) {
      case INCOMPLETE -> {
        if (answer.readableBytes() > LONGEST_ANSWER) {
          throw new CutException("the server answers with TLS warnings alone");
        }
      }
      case ORDINARY -> pass(false, false);
      case DAMAGED ->
          throw new CutException("the server's answer can't be told from a TLS HelloRetryRequest");
      case RETRY -> {
        phase = Phase.SECOND_HELLO;
        download.open(takeAnswer(), false);
        secondHello();
      }
    }
  }

  /** Reads what the client says. To be called where something of it is waited for. */
  void readClient() throws IOException, CutException {
    int count = upload.receive(rest);
    if (count > 0 && !watch.holds(count)) {
      throw new CutException("too many large TLS ClientHellos at once");
    }
    if (phase == Phase.ANSWER) {
      sawEnd = true;
      if (count < 0 && !rest.isReadable()) {
        pass(false, true);
      }
    } else if (count >= 0) {
      secondHello();
    } else if (records.inside(rest)) {
      throw new CutException("it ended before its second TLS ClientHello did");
    } else {
      passUpload(true);
    }
  }

  private void secondHello() throws CutException {
    Optional<ClientHello> second;
    try {
      second = records.read(rest);
    } catch (MalformedHelloException e) {
      throw new CutException("after a HelloRetryRequest, " + e.reason());
    }
    if (second.isPresent()) {
      compare(second.get());
      passUpload(false);
    } else if (records.alerted()) {
      rest.writerIndex(rest.readerIndex() + records.end());
      passUpload(true);
    } else if (rest.readableBytes() > Intake.LONGEST) {
      throw new CutException("the second TLS ClientHello is in too many records");
    }
  }

  private void compare(ClientHello second) throws CutException {
    if (!second.serverName().equals(first.serverName())) {
      throw new CutException(
          second.serverName().isPresent()
              ? "the second TLS ClientHello names another server"
              : "the second TLS ClientHello names no server");
    }
    if (second.encrypted() != first.encrypted()) {
      throw new CutException(
          second.encrypted()
              ? "the second TLS ClientHello is encrypted, unlike the first"
              : "the second TLS ClientHello is not encrypted, unlike the first");
    }
  }

  /** Nothing is to be looked at any more. */
  private void pass(boolean downloadEnds, boolean uploadEnds) {
    download.open(takeAnswer(), downloadEnds);
    passUpload(uploadEnds);
  }

  private void passUpload(boolean ends) {
    phase = Phase.OVER;
    watch.left(0);
    upload.open(takeRest(), ends);
  }

  private ByteBuf takeAnswer() {
    ByteBuf taken = answer;
    answer = Unpooled.EMPTY_BUFFER;
    return taken;
  }

  private ByteBuf takeRest() {
    ByteBuf taken = rest;
    rest = Unpooled.EMPTY_BUFFER;
    return taken;
  }

  /** Gives back what it holds. */
  void close() {
    phase = Phase.OVER;
    takeAnswer().release();
    takeRest().release();
  }
}
