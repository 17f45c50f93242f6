package dev.mayfly.sandbox;

import dev.mayfly.engine.ContainerId;
import dev.mayfly.engine.Engine;
import dev.mayfly.engine.EngineException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;

/**
 * What images say of users, read once for each image through a container that has not been started.
 */
final class ImageUsers {
  private static final int MAX_FILE = 1 << 20;
  private static final int MAX_IMAGES = 1000;

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

  private String read(ContainerId container, String path) throws EngineException, IOException {
    try (InputStream stream = engine.download(container, path);
        TarArchiveInputStream tar = new TarArchiveInputStream(stream)) {
      TarArchiveEntry entry = tar.getNextEntry();
      if (entry == null || entry.getLinkFlag() != TarConstants.LF_NORMAL) {
        return "";
      }
      if (entry.getSize() > MAX_FILE) {
        throw new IOException("the image's " + path + " has " + entry.getSize() + " bytes");
      }
      return new String(tar.readNBytes(MAX_FILE), StandardCharsets.UTF_8);
    } catch (EngineException.Missing e) {
      return "";
    }
  }
}
