package dev.mayfly.hook;

import dev.mayfly.linux.UnixListener;
import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** Listens on the socket of one runner's hooks. */
public final class HookServer implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(100);
  private static final Duration TOLD_AGAIN = Duration.ofMinutes(1);

  private final UnixListener listener;
  private final Service service;
  private final Set<ServedHook> served = ConcurrentHashMap.newKeySet();
  private final Semaphore places;
  private final CallMemory memory;
  private final AtomicLong nextTold = new AtomicLong(System.nanoTime());
  private volatile boolean closed;

  private HookServer(UnixListener listener, Service service) {
    this.listener = listener;
    this.service = service;
    this.places = new Semaphore(service.bounds.calls());
    this.memory = new CallMemory(service.bounds.bytes());
  }

  /**
   * What is served.
   *
   * @param users whose processes are
   * @param bounds what those users can't go beyond
   * @param grace how long what a signal was for may go on before it is ended
   * @param log takes lines on calls that failed
   */
  public record Service(
      HookHandler handler,
      Set<UserPrincipal> users,
      Bounds bounds,
      Duration grace,
      String mayflyVersion,
      Consumer<String> log) {
    public Service {
      users = Set.copyOf(users);
    }
  }

  /**
   * How much of the supervisor all hooks of a runner may take together.
   *
   * @param callLimit how long a hook may take until its call is whole
   * @param calls that are served at once
   * @param bytes that the calls have which are served
   */
  public record Bounds(Duration callLimit, int calls, long bytes) {
    private static final Duration CALL_LIMIT = Duration.ofSeconds(30);
    private static final int CALLS_OF_SLOT = 4;
    private static final int FURTHER_CALLS = 16;
    private static final int PART_OF_HEAP = 5;

    /** For a runner that has so many jobs at once. */
    public static Bounds of(int slots) {
      return new Bounds(
          CALL_LIMIT,
          CALLS_OF_SLOT * slots + FURTHER_CALLS,
          Runtime.getRuntime().maxMemory() / PART_OF_HEAP);
    }
  }

  /**
   * Listens, on a thread of its own.
   *
   * @param gid group whose processes may connect
   */
  public static HookServer start(Path socket, int gid, Service service) throws IOException {
    HookServer server =
        new HookServer(UnixListener.open(socket, new UnixListener.Access.Group(gid)), service);
    Thread.ofVirtual().name("hooks " + socket.getFileName()).start(server::accept);
    return server;
  }

  /** What keeps it from taking one, such as a lack of file descriptors, may pass. */
  private void accept() {
    boolean failing = false;
    while (true) {
      try {
        SocketChannel client = listener.accept();
        failing = false;
        Thread.ofVirtual().name("hook").start(() -> serve(client));
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        if (!failing) {
          service.log.accept(
              "hooks can't be taken on " + listener.socket() + ", still trying: " + e.getMessage());
        }
        failing = true;
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  private void serve(SocketChannel client) {
    try (ServedHook hook = new ServedHook(client, memory)) {
      UnixListener.refuseStrangers(client, service.users);
      if (!places.tryAcquire()) {
        tellFull();
        return; // It tries again.
      }
      try {
        serve(hook);
      } finally {
        places.release();
      }
    } catch (EOFException | ClosedChannelException e) {
      return; // The hook has all it wanted, or died, and its call was ended.
    } catch (IOException e) {
      service.log.accept("hook: " + e.getMessage());
    }
  }

  private void serve(ServedHook hook) throws IOException {
    served.add(hook);
    try {
      if (!closed) {
        hook.serve(
            service.mayflyVersion, service.bounds.callLimit(), service.handler, service.grace);
      }
    } finally {
      served.remove(hook);
      hook.release();
    }
  }

  /** Once in a while: whoever comes too often would fill the log as well. */
  private void tellFull() {
    long now = System.nanoTime();
    long next = nextTold.get();
    if (now - next >= 0 && nextTold.compareAndSet(next, now + TOLD_AGAIN.toNanos())) {
      service.log.accept(
          "hook: "
              + service.bounds.calls()
              + " calls are served already, which is the most for this runner's slots: others are"
              + " refused until one of them ends; look which processes of its user hold "
              + listener.socket());
    }
  }

  /** Takes no further calls, and hangs up on those that are being served. */
  @Override
  public void close() throws IOException {
    closed = true;
    try (listener) {
      listener.stopAccepting();
      for (ServedHook hook : served) {
        hook.close();
      }
    }
  }
}
