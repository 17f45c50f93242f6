package dev.mayfly.sandbox;

import dev.mayfly.engine.ContainerId;
import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import dev.mayfly.policy.Quote;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.jspecify.annotations.Nullable;

/**
 * What images say of users, read once for each image through a container that has not been started.
 */
final class ImageUsers {
  private static final int MAX_FILE = 1 << 20;

  /** Headers, with extended attributes, and padding. */
  private static final int TAR_OVERHEAD = 256 << 10;

  private static final int MAX_IMAGES = 1000;
  private static final int MAX_LINKS = 8;

  private final Engine engine;
  private final Map<String, Files> known = new ConcurrentHashMap<>();

  ImageUsers(Engine engine) {
    this.engine = engine;
  }

  /** The two files' texts, empty where the image has none, and what they mean. */
  record Files(String passwd, String group, UserDatabase users) {}

  Files of(String imageId, ContainerId container) throws EngineException, IOException {
    Files cached = known.get(imageId);
    if (cached != null) {
      return cached;
    }
    String passwd = read(container, "/etc/passwd");
    String group = read(container, "/etc/group");
    Files files = new Files(passwd, group, UserDatabase.parse(passwd, group));
    if (known.size() < MAX_IMAGES) {
      known.put(imageId, files);
    }
    return files;
  }

  /**
   * Reads a file, through links as a process of the container would.
   *
   * @return empty where the image has none
   * @throws IOException where there is something that can't be read: nothing may take its place
   */
  private String read(ContainerId container, String path) throws EngineException, IOException {
    Path place = Path.of(path);
    for (int links = 0; links <= MAX_LINKS; links++) {
      byte[] archive;
      try {
        archive = engine.download(container, place.toString(), MAX_FILE + TAR_OVERHEAD);
      } catch (EngineException.Missing e) {
        if (links == 0) {
          return "";
        }
        throw unreadable(path, "is a link to " + Quote.of(place.toString()) + ", not there", e);
      }
      try (TarArchiveInputStream tar =
          new TarArchiveInputStream(new ByteArrayInputStream(archive))) {
        TarArchiveEntry entry = tar.getNextEntry();
        if (entry != null && entry.isSymbolicLink()) {
          place = place.resolveSibling(entry.getLinkName()).normalize();
        } else if (entry != null && entry.getLinkFlag() == TarConstants.LF_NORMAL) {
          return text(path, entry, tar);
        } else {
          throw unreadable(path, "is no file", null);
        }
      } catch (InvalidPathException e) {
        throw unreadable(path, "is a link to what is no path", e);
      }
    }
    throw unreadable(path, "is a link to too many others", null);
  }

  private static String text(String path, TarArchiveEntry entry, InputStream content)
      throws IOException {
    if (entry.getSize() > MAX_FILE) {
      throw new IOException("the image's " + path + " has " + entry.getSize() + " bytes");
    }
    return new String(content.readNBytes(MAX_FILE), StandardCharsets.UTF_8);
  }

  private static IOException unreadable(String path, String reason, @Nullable Exception cause) {
    return new IOException(
        "the image's " + path + " " + reason + "; use an image in which it is a file", cause);
  }
}
