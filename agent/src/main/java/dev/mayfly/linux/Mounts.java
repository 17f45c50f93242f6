package dev.mayfly.linux;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The mounts of this process's mount name space: proc(5) mountinfo, mount(2), umount2(2). */
public final class Mounts {
  private static final Path MOUNTINFO = Path.of("/proc/self/mountinfo");

  /** What this JVM spells paths in. */
  private static final Charset NAMES =
      Charset.forName(System.getProperty("sun.jnu.encoding", "UTF-8"));

  private static final long MS_NOSUID = 2;
  private static final long MS_NODEV = 4;
  private static final long MS_NOATIME = 1024;
  private static final long MS_BIND = 4096;
  private static final int MNT_DETACH = 2;

  /**
   * See the kernel's document filesystems/ext4. No flushes of the disk beneath, since nobody reads
   * the file system after a crash; no zeroing of inode tables behind the back, since a sparse file
   * reads as zeros where nothing was written.
   */
  private static final String SCRAP = "barrier=0,noinit_itable";

  private Mounts() {}

  /**
   * One line of mountinfo.
   *
   * @param root the directory of the file system that forms this mount's root
   * @param target as it is, or as the kernel escapes it where this JVM's encoding has no word for
   *     it
   * @param source device, or what the file system calls its source
   * @param options of the file system, not of this mount of it
   */
  public record Mount(
      Path target, String root, String fileSystem, String source, Set<String> options) {
    public Mount {
      options = Set.copyOf(options);
    }
  }

  public static List<Mount> list() throws IOException {
    return parse(Files.readAllBytes(MOUNTINFO));
  }

  static List<Mount> parse(byte[] mountinfo) {
    List<Mount> mounts = new ArrayList<>();
    // One char for each byte: names are bytes, and any of them may be in one.
    for (String line : new String(mountinfo, StandardCharsets.ISO_8859_1).split("\n")) {
      String[] halves = line.split(" - ", 2);
      String[] left = halves[0].split(" ");
      String[] right = halves.length == 2 ? halves[1].split(" ") : new String[0];
      if (left.length < 6 || right.length < 3) {
        throw new IllegalArgumentException("not a line of mountinfo: " + line);
      }
      mounts.add(
          new Mount(
              path(left[4]),
              unescape(left[3]),
              right[0],
              unescape(right[1]),
              new HashSet<>(List.of(right[2].split(",")))));
    }
    return List.copyOf(mounts);
  }

  private static Path path(String field) {
    try {
      byte[] name = unescape(field).getBytes(StandardCharsets.ISO_8859_1);
      return Path.of(NAMES.newDecoder().decode(ByteBuffer.wrap(name)).toString());
    } catch (CharacterCodingException e) {
      return Path.of(escaped(field));
    }
  }

  /** Continues the kernel's octal escapes for all that is not ASCII. */
  private static String escaped(String field) {
    return field
        .chars()
        .mapToObj(c -> c < 0x80 ? Character.toString(c) : "\\%03o".formatted(c))
        .collect(Collectors.joining());
  }

  /** Undoes the octal escapes of blank, tab, newline and backslash. */
  private static String unescape(String field) {
    StringBuilder text = new StringBuilder(field.length());
    for (int i = 0; i < field.length(); i++) {
      char c = field.charAt(i);
      if (c == '\\' && i + 3 < field.length()) {
        text.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
        i += 3;
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }

  /**
   * Mounts an ext4 block device whose content nobody needs once it is unmounted, without devices
   * and setuid files in it.
   */
  public static void mountScrapExt4(Path device, Path target) throws SyscallException {
    mount(device, target, "ext4", MS_NOSUID | MS_NODEV | MS_NOATIME, SCRAP);
  }

  public static void bind(Path source, Path target) throws SyscallException {
    mount(source, target, "none", MS_BIND, "");
  }

  private static void mount(Path source, Path target, String type, long flags, String data)
      throws SyscallException {
    try {
      LibC.mount(source.toString(), target.toString(), type, flags, data);
    } catch (LastErrorException e) {
      throw new SyscallException("mount", source + " on " + target, e.getErrorCode());
    }
  }

  /**
   * Takes the mount out of the tree at once; its file system goes when its last user does.
   *
   * @return false where nothing is mounted there
   */
  public static boolean detach(Path target) throws SyscallException {
    try {
      LibC.umount2(target.toString(), MNT_DETACH);
      return true;
    } catch (LastErrorException e) {
      if (e.getErrorCode() == Errno.EINVAL || e.getErrorCode() == Errno.ENOENT) {
        return false;
      }
      throw new SyscallException("umount2", target, e.getErrorCode());
    }
  }
}
