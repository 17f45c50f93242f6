package dev.mayfly.linux;

import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * libnftables(3), in the network name space of the thread that opened it. Safe for use by many
 * threads.
 */
public final class Nftables implements AutoCloseable {
  /** With six who change it all the time, three of ten readings are broken off. */
  private static final int TRIES = 100;

  private final ReentrantLock lock = new ReentrantLock();
  private final Pointer context;
  private boolean closed;

  private Nftables(Pointer context) {
    this.context = context;
  }

  /**
   * Loads the library.
   *
   * @throws IOException where it is missing
   */
  public static Nftables open() throws IOException {
    Pointer context;
    try {
      context = LibNftables.nft_ctx_new(LibNftables.NFT_CTX_DEFAULT);
    } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
      throw new IOException(
          "libnftables.so.1 is missing; install the package libnftables1 (Debian, Ubuntu) or"
              + " nftables (RHEL)",
          e);
    }
    if (context == null) {
      throw new IOException("nft_ctx_new: no context; is there memory, and root?");
    }
    LibNftables.nft_ctx_buffer_output(context);
    LibNftables.nft_ctx_buffer_error(context);
    return new Nftables(context);
  }

  /**
   * Applies commands as nft(8) reads them, all or none of them.
   *
   * @throws NftablesException where they are not taken
   */
  public void apply(String commands) throws NftablesException {
    run(commands, LibNftables.NFT_CTX_DEFAULT);
  }

  /** What a command that changes nothing prints for people. */
  public String text(String command) throws NftablesException {
    return read(command, LibNftables.NFT_CTX_DEFAULT);
  }

  /** What a command that changes nothing prints, as libnftables-json(5). */
  public String json(String command) throws NftablesException {
    return read(command, LibNftables.NFT_CTX_OUTPUT_JSON);
  }

  /** As {@link #json}, without the elements of sets and maps. */
  public String terseJson(String command) throws NftablesException {
    return read(command, LibNftables.NFT_CTX_OUTPUT_JSON | LibNftables.NFT_CTX_OUTPUT_TERSE);
  }

  /** Whoever changes the ruleset meanwhile makes the kernel break a reading off. */
  private String read(String command, int flags) throws NftablesException {
    for (int left = TRIES; ; left--) {
      try {
        return run(command, flags);
      } catch (NftablesException e) {
        if (left == 1 || !e.says(Errno.EINTR)) {
          throw e;
        }
      }
    }
  }

  private String run(String commands, int flags) throws NftablesException {
    byte[] bytes = commands.getBytes(StandardCharsets.UTF_8);
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException("closed");
      }
      LibNftables.nft_ctx_output_set_flags(context, flags);
      int result =
          LibNftables.nft_run_cmd_from_buffer(context, Arrays.copyOf(bytes, bytes.length + 1));
      String output = LibNftables.nft_ctx_get_output_buffer(context).getString(0);
      String error = LibNftables.nft_ctx_get_error_buffer(context).getString(0);
      if (result != 0) {
        throw new NftablesException(error.isBlank() ? "no reason is told" : error.strip());
      }
      return output;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        LibNftables.nft_ctx_free(context);
      }
    } finally {
      lock.unlock();
    }
  }
}
