package dev.mayfly.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Who owns a file, by number. */
public record Ownership(long uid, long gid) {

  public static Ownership of(Path file) throws IOException {
    return of(Files.readAttributes(file, "unix:uid,gid", LinkOption.NOFOLLOW_LINKS));
  }

  /** Among the attributes of a file, with {@code unix:uid,gid}. */
  static Ownership of(Map<String, Object> attributes) {
    return new Ownership(unsigned(attributes.get("uid")), unsigned(attributes.get("gid")));
  }

  private static long unsigned(@Nullable Object id) {
    return Integer.toUnsignedLong((Integer) Objects.requireNonNull(id));
  }

  /** Changes the owner of a file, of the link itself where it is one. */
  public static void give(Path file, long uid, long gid) throws IOException {
    Files.setAttribute(file, "unix:uid", (int) uid, LinkOption.NOFOLLOW_LINKS);
    Files.setAttribute(file, "unix:gid", (int) gid, LinkOption.NOFOLLOW_LINKS);
  }
}
