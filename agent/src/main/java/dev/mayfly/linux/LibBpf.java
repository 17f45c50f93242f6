package dev.mayfly.linux;

import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * libbpf as it is. What fails tells the negative errno, or NULL with errno set: that is how libbpf
 * 1 does it, and libbpf 0 where it is asked to.
 */
final class LibBpf {
  private static final List<String> NAMES = List.of("libbpf.so.1", "libbpf.so.0", "bpf");
  private static final int STRICT_ALL = -1;
  private static final NativeLibrary LIBRARY = find();

  static {
    Native.register(LIBRARY);
    // Its messages would go to stderr, among the job's output.
    libbpf_set_print(null);
    function("libbpf_set_strict_mode").ifPresent(set -> set.invokeInt(new Object[] {STRICT_ALL}));
  }

  private LibBpf() {}

  private static NativeLibrary find() {
    UnsatisfiedLinkError failure = new UnsatisfiedLinkError("no name was tried");
    for (String name : NAMES) {
      try {
        return NativeLibrary.getInstance(name);
      } catch (UnsatisfiedLinkError e) {
        failure = e;
      }
    }
    throw failure;
  }

  private static Optional<Function> function(String name) {
    try {
      return Optional.of(LIBRARY.getFunction(name));
    } catch (UnsatisfiedLinkError e) {
      return Optional.empty();
    }
  }

  private static @Nullable Pointer next(
      String name, String before, Pointer object, @Nullable Pointer after) {
    Optional<Function> next = function(name);
    return next.isPresent()
        ? next.get().invokePointer(new Object[] {object, after})
        : LIBRARY.getFunction(before).invokePointer(new Object[] {after, object});
  }

  /** NULL gives the first one, and comes after the last one. */
  static @Nullable Pointer nextProgram(Pointer object, @Nullable Pointer after) {
    return next("bpf_object__next_program", "bpf_program__next", object, after);
  }

  /** NULL gives the first one, and comes after the last one. */
  static @Nullable Pointer nextMap(Pointer object, @Nullable Pointer after) {
    return next("bpf_object__next_map", "bpf_map__next", object, after);
  }

  static native @Nullable Pointer libbpf_set_print(@Nullable Pointer function);

  static native @Nullable Pointer bpf_object__open_mem(Pointer image, long size, Pointer options);

  static native int bpf_object__load(Pointer object);

  static native void bpf_object__close(Pointer object);

  static native String bpf_map__name(Pointer map);

  static native int bpf_map__fd(Pointer map);

  static native int bpf_map__type(Pointer map);

  static native byte bpf_map__is_internal(Pointer map);

  static native int bpf_map__set_max_entries(Pointer map, int entries);

  static native int bpf_map__reuse_fd(Pointer map, int fd);

  static native String bpf_program__name(Pointer program);

  static native String bpf_program__section_name(Pointer program);

  static native int bpf_program__fd(Pointer program);

  static native @Nullable Pointer bpf_program__attach(Pointer program);

  static native @Nullable Pointer bpf_program__attach_cgroup(Pointer program, int cgroup);

  static native int bpf_link__fd(Pointer link);

  static native int bpf_link__destroy(Pointer link);
}
