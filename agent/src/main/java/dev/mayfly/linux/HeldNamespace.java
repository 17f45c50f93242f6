package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** A name space that stays, without any process in it, until this is closed. */
public final class HeldNamespace implements AutoCloseable {
  private final Processes.Namespace namespace;
  private final FileDescriptorHandle handle;

  HeldNamespace(Processes.Namespace namespace, FileDescriptorHandle handle) {
    this.namespace = namespace;
    this.handle = handle;
  }

  /** What is done inside of a name space. */
  @FunctionalInterface
  public interface Inside<T> {
    T call() throws IOException;
  }

  public Processes.Namespace namespace() {
    return namespace;
  }

  int fd() {
    return handle.fd();
  }

  /**
   * Does something inside of this network name space, on a thread that ends with it: no other code
   * ever runs on a thread that is in a name space of somebody else's. Sockets that the work opens
   * stay in the name space, whoever uses them then.
   *
   * @throws IOException of the work, or a {@link SyscallException} where the name space can't be
   *     entered
   */
  public <T> T inside(Inside<T> work) throws IOException {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .name("netns-" + namespace.inode())
        .start(
            () -> {
              try {
                LibC.setns(handle.fd(), LibC.CLONE_NEWNET);
                result.complete(work.call());
              } catch (LastErrorException e) {
                result.completeExceptionally(
                    new SyscallException("setns", namespace, e.getErrorCode()));
              } catch (IOException | RuntimeException e) {
                result.completeExceptionally(e);
              }
            });
    try {
      return result.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while in a network name space", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  @Override
  public void close() {
    handle.close();
  }
}
