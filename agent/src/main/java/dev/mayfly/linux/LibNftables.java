package dev.mayfly.linux;

import com.sun.jna.Native;
import com.sun.jna.Pointer;

/** libnftables(3) as it is. */
final class LibNftables {
  static final int NFT_CTX_DEFAULT = 0;
  static final int NFT_CTX_OUTPUT_JSON = 1 << 4;
  static final int NFT_CTX_OUTPUT_TERSE = 1 << 11;

  static {
    Native.register("libnftables.so.1");
  }

  private LibNftables() {}

  static native Pointer nft_ctx_new(int flags);

  static native void nft_ctx_free(Pointer context);

  static native void nft_ctx_output_set_flags(Pointer context, int flags);

  static native int nft_ctx_buffer_output(Pointer context);

  static native int nft_ctx_buffer_error(Pointer context);

  static native Pointer nft_ctx_get_output_buffer(Pointer context);

  static native Pointer nft_ctx_get_error_buffer(Pointer context);

  static native int nft_run_cmd_from_buffer(Pointer context, byte[] commands);
}
