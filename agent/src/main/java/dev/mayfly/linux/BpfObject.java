package dev.mayfly.linux;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A compiled BPF object: opened, loaded, and attached, in this order. Closing it undoes all of
 * that, but for what is pinned.
 */
public final class BpfObject implements AutoCloseable {
  private static final int RING_BUFFER = 27;
  private static final String CGROUP_SECTION = "cgroup/";

  /** struct bpf_object_open_opts: its size and the object's name. */
  private static final int OPTIONS_SIZE = 16;

  private final String name;
  private final Memory image;
  private final Pointer object;
  private final Deque<Link> links = new ArrayDeque<>();
  private boolean closed;

  /** A program where it is attached. */
  private record Link(String program, Pointer link) {}

  private BpfObject(String name, Memory image, Pointer object) {
    this.name = name;
    this.image = image;
    this.object = object;
  }

  /**
   * Opens an object that is in memory. Nothing of it is in the kernel yet.
   *
   * @throws IOException where libbpf is missing, too
   */
  public static BpfObject open(String name, byte[] bytes) throws IOException {
    Memory image = new Memory(bytes.length);
    image.write(0, bytes, 0, bytes.length);
    try {
      return new BpfObject(name, image, open(name, image));
    } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
      image.close();
      throw new IOException(
          "libbpf.so.1 is missing, or too old; install the package libbpf1 (Debian, Ubuntu from"
              + " 24.04), libbpf0 (Ubuntu 22.04) or libbpf (RHEL)",
          e);
    } catch (SyscallException e) {
      image.close();
      throw e;
    }
  }

  private static Pointer open(String name, Memory image) throws SyscallException {
    byte[] text = name.getBytes(StandardCharsets.US_ASCII);
    try (Memory given = new Memory(text.length + 1L);
        Memory options = new Memory(OPTIONS_SIZE)) {
      given.clear();
      given.write(0, text, 0, text.length);
      options.setLong(0, OPTIONS_SIZE);
      options.setPointer(8, given);
      return checked(
          LibBpf.bpf_object__open_mem(image, image.size(), options), "bpf_object__open_mem", name);
    }
  }

  private static Pointer checked(@Nullable Pointer made, String operation, String of)
      throws SyscallException {
    if (made == null) {
      throw new SyscallException(operation, of, Native.getLastError());
    }
    return made;
  }

  private static void check(int result, String operation, String of) throws SyscallException {
    if (result < 0) {
      throw new SyscallException(operation, of, -result);
    }
  }

  /** Sets the size of its ring buffers, a power of two of at least a page. Before it is loaded. */
  public void sizeRings(int bytes) throws SyscallException {
    for (Pointer map : maps()) {
      if (LibBpf.bpf_map__type(map) == RING_BUFFER) {
        check(LibBpf.bpf_map__set_max_entries(map, bytes), "bpf_map__set_max_entries", nameOf(map));
      }
    }
  }

  /** Uses that one's map for each of the same name. Before it is loaded, and once that one is. */
  public void shareMapsOf(BpfObject other) throws SyscallException {
    for (Pointer map : maps()) {
      Optional<BpfMap> theirs = other.map(LibBpf.bpf_map__name(map));
      if (theirs.isPresent() && LibBpf.bpf_map__is_internal(map) == 0) {
        check(LibBpf.bpf_map__reuse_fd(map, theirs.get().fd()), "bpf_map__reuse_fd", nameOf(map));
      }
    }
  }

  private String nameOf(Pointer map) {
    return name + "/" + LibBpf.bpf_map__name(map);
  }

  /** Makes its maps, and has the kernel verify its programs. */
  public void load() throws SyscallException {
    check(LibBpf.bpf_object__load(object), "bpf_object__load", name);
  }

  /**
   * Attaches all of its programs, once it is loaded.
   *
   * @param cgroup directory that those which belong to a cgroup are attached to
   */
  public void attach(Optional<Path> cgroup) throws SyscallException {
    try (FileDescriptorHandle directory =
        FileDescriptorHandle.open(cgroup.orElse(Path.of("/")), LibC.O_RDONLY | LibC.O_DIRECTORY)) {
      for (Pointer program : programs()) {
        String of = name + "/" + LibBpf.bpf_program__name(program);
        boolean ofCgroup = LibBpf.bpf_program__section_name(program).startsWith(CGROUP_SECTION);
        Pointer link =
            ofCgroup
                ? checked(
                    LibBpf.bpf_program__attach_cgroup(program, directory.fd()),
                    "bpf_program__attach_cgroup",
                    of)
                : checked(LibBpf.bpf_program__attach(program), "bpf_program__attach", of);
        links.push(new Link(LibBpf.bpf_program__name(program), link));
      }
    }
  }

  /** The map of that name, once it is loaded. Valid as long as this is open. */
  public Optional<BpfMap> map(String wanted) {
    return maps().stream()
        .filter(map -> LibBpf.bpf_map__name(map).equals(wanted))
        .findFirst()
        .map(map -> BpfMap.of(wanted, LibBpf.bpf_map__fd(map)));
  }

  /** How many programs are attached. */
  public int attached() {
    return links.size();
  }

  /**
   * Pins the attached programs' links below a directory of a BPF file system: they then outlive
   * this process. Names hold the object's and the program's.
   */
  public void pinLinks(Path directory) throws SyscallException {
    for (Link link : links) {
      BpfCall.pin(LibBpf.bpf_link__fd(link.link), directory.resolve(name + "-" + link.program));
    }
  }

  /** Pins its maps below a directory of a BPF file system, each by its name; not private ones. */
  public void pinMaps(Path directory) throws SyscallException {
    for (Pointer map : maps()) {
      if (LibBpf.bpf_map__is_internal(map) == 0) {
        BpfCall.pin(LibBpf.bpf_map__fd(map), directory.resolve(LibBpf.bpf_map__name(map)));
      }
    }
  }

  private List<Pointer> maps() {
    List<Pointer> all = new ArrayList<>();
    for (Pointer at = LibBpf.nextMap(object, null); at != null; at = LibBpf.nextMap(object, at)) {
      all.add(at);
    }
    return all;
  }

  private List<Pointer> programs() {
    List<Pointer> all = new ArrayList<>();
    for (Pointer at = LibBpf.nextProgram(object, null);
        at != null;
        at = LibBpf.nextProgram(object, at)) {
      all.add(at);
    }
    return all;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    while (!links.isEmpty()) {
      // Whatever it answers, the descriptor is closed: the link ends with it.
      LibBpf.bpf_link__destroy(links.pop().link);
    }
    LibBpf.bpf_object__close(object);
    image.close();
  }
}
