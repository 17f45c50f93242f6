package dev.mayfly.dns;

import io.netty.handler.codec.CorruptedFrameException;

/** Bytes that are no DNS message, or none that anybody needs to send. */
public final class MalformedDnsException extends CorruptedFrameException {
  private static final long serialVersionUID = 1L;

  MalformedDnsException(String message) {
    super(message);
  }

  /** Has no stack trace: a stranger decides how often it is made. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
