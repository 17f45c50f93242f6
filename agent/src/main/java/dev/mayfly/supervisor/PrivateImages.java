package dev.mayfly.supervisor;

import dev.mayfly.engine.EngineException;
import dev.mayfly.flow.RecentMap;
import dev.mayfly.policy.ImageReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Repositories whose images were fetched with a login. Engines give what they hold to everybody;
 * who may have these is for the registry to say. Safe for use by many threads.
 */
public final class PrivateImages {
  private static final int MOST_REMEMBERED = 4096;

  private final Path file;
  private final Set<String> names = ConcurrentHashMap.newKeySet();
  private final RecentMap<String, Boolean> allowed = new RecentMap<>(MOST_REMEMBERED);

  private PrivateImages(Path file) {
    this.file = file;
  }

  /**
   * Reads what earlier supervisors fetched.
   *
   * @param file one in each line; made with the first one
   */
  public static PrivateImages in(Path file) throws IOException {
    PrivateImages images = new PrivateImages(file);
    if (Files.exists(file)) {
      images.names.addAll(Files.readAllLines(file));
    }
    return images;
  }

  boolean holds(ImageReference image) {
    return names.contains(text(image));
  }

  /** Whether the registry let that one in, since this supervisor runs. */
  boolean isFor(ImageReference image, String asker) {
    synchronized (allowed) {
      return allowed.get(text(image) + " " + asker) != null;
    }
  }

  void allow(ImageReference image, String asker) {
    synchronized (allowed) {
      allowed.put(text(image) + " " + asker, true);
    }
  }

  /**
   * Remembers an image before it is fetched.
   *
   * @throws EngineException where that can't be written down
   */
  void add(ImageReference image) throws EngineException {
    String name = text(image);
    if (!names.add(name)) {
      return;
    }
    try {
      if (!Files.exists(file)) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      Files.writeString(file, name + "\n", StandardOpenOption.APPEND);
    } catch (IOException e) {
      names.remove(name);
      throw new EngineException(
          "remember that a login is needed for image",
          name,
          String.valueOf(e.getMessage()),
          "make room in state-dir",
          e);
    }
  }

  private static String text(ImageReference image) {
    return image.fullName();
  }
}
