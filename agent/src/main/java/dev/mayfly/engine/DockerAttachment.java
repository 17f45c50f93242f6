package dev.mayfly.engine;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import dev.mayfly.flow.QueueInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** An attachment over the Engine API's hijacked connection. */
final class DockerAttachment implements Attachment {
  private static final long START_LIMIT_SECONDS = 30;

  private final Outgoing outgoing = new Outgoing();
  private final Incoming incoming;

  private DockerAttachment(Receiver receiver) {
    this.incoming = new Incoming(receiver);
  }

  static DockerAttachment open(DockerClient client, ContainerId id, Receiver receiver)
      throws EngineException {
    DockerAttachment attachment = new DockerAttachment(receiver);
    client
        .attachContainerCmd(id.value())
        .withStdIn(attachment.outgoing)
        .withStdOut(true)
        .withStdErr(true)
        .withFollowStream(true)
        .exec(attachment.incoming);
    try {
      attachment.incoming.awaitConnected();
      return attachment;
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      attachment.close();
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new EngineException(
          "attach to container", id.toString(), reason(e), "see the engine's log", e);
    }
  }

  private static String reason(Exception e) {
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return e instanceof TimeoutException
        ? "the engine did not answer within " + START_LIMIT_SECONDS + " s"
        : Objects.requireNonNullElse(root.getMessage(), root.toString());
  }

  @Override
  public void send(byte[] bytes) throws IOException {
    outgoing.offer(bytes);
  }

  @Override
  public void close() {
    outgoing.end();
    incoming.stop();
  }

  /**
   * What docker-java's own thread reads and writes to the connection. Its reader takes what there
   * is, and waits only for the first byte. The thread throws when the connection is closed while it
   * writes; Java would print that among the job's output, and the receiver is told of the end
   * anyway.
   */
  private static final class Outgoing extends QueueInputStream {
    private final AtomicBoolean ended = new AtomicBoolean();
    private boolean started;

    @Override
    public void offer(byte[] bytes) throws IOException {
      if (ended.get()) {
        throw new IOException("the connection to the sandbox is closed");
      }
      if (bytes.length > 0) {
        super.offer(bytes);
      }
    }

    /** After what waits. */
    void end() {
      if (ended.compareAndSet(false, true)) {
        finish();
      }
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (!started) {
        started = true;
        Thread.currentThread().setUncaughtExceptionHandler((_, _) -> ended.set(true));
      }
      return super.read(target, offset, length);
    }
  }

  private static final class Incoming extends ResultCallback.Adapter<Frame> {
    private final Receiver receiver;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final CompletableFuture<Void> connected = new CompletableFuture<>();

    Incoming(Receiver receiver) {
      this.receiver = receiver;
    }

    void awaitConnected() throws InterruptedException, ExecutionException, TimeoutException {
      connected.get(START_LIMIT_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void onStart(Closeable stream) {
      super.onStart(stream);
      connected.complete(null);
    }

    @Override
    public void onNext(Frame frame) {
      if (frame.getStreamType() == StreamType.STDERR) {
        receiver.stderr(frame.getPayload());
      } else {
        receiver.stdout(frame.getPayload());
      }
    }

    @Override
    public void onError(Throwable failure) {
      connected.completeExceptionally(failure);
      end(failure);
      super.onError(failure);
    }

    @Override
    public void onComplete() {
      super.onComplete();
      end(null);
    }

    void stop() {
      try {
        close();
      } catch (IOException e) {
        end(e);
      }
    }

    private void end(@Nullable Throwable failure) {
      if (ended.compareAndSet(false, true)) {
        receiver.ended(failure);
      }
    }
  }
}
