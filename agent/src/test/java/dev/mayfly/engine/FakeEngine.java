package dev.mayfly.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An engine of images and connections only: it makes no containers, and each of them that is asked
 * for exists.
 */
public final class FakeEngine implements Engine {
  /** One that exists. */
  public static final ContainerId CONTAINER = new ContainerId("c0".repeat(32));

  private final Map<String, ImageFacts> held = new HashMap<>();
  private final Map<String, ImageFacts> registry = new HashMap<>();
  private final Map<String, Optional<String>> members = new HashMap<>();
  private final Map<String, byte[]> files = new HashMap<>();
  private final List<String> pulled = new ArrayList<>();
  private final List<String> downloaded = new ArrayList<>();
  private final List<FakeAttachment> attachments = new ArrayList<>();

  /** Lets the engine hold an image. */
  public FakeEngine holding(String reference, ImageFacts image) {
    held.put(reference, image);
    return this;
  }

  /** Lets a registry hold an image. */
  public FakeEngine publishing(String reference, ImageFacts image) {
    registry.put(reference, image);
    return this;
  }

  /** Has the registry give an image to one user alone. */
  public FakeEngine onlyTo(String reference, String user) {
    members.put(reference, Optional.of(user));
    return this;
  }

  public boolean held(String reference) {
    return held.containsKey(reference);
  }

  /** Lets every container have a path, which comes as this tar stream. */
  public FakeEngine containing(String path, byte[] tar) {
    files.put(path, tar);
    return this;
  }

  /** The names that a registry was asked for. */
  public List<String> pulled() {
    return List.copyOf(pulled);
  }

  public List<String> downloaded() {
    return List.copyOf(downloaded);
  }

  public FakeAttachment lastAttachment() {
    return attachments.getLast();
  }

  private static EngineException.Missing missing(String operation, String object) {
    return new EngineException.Missing(
        operation, object, "there is none", "make it", new IllegalStateException("404"));
  }

  @Override
  public ImageFacts image(String reference) throws EngineException {
    ImageFacts image = held.get(reference);
    if (image == null) {
      throw missing("inspect image", reference);
    }
    return image;
  }

  @Override
  public void pull(String reference, Optional<RegistryLogin> login, Duration limit)
      throws EngineException {
    pulled.add(reference + login.map(its -> " as " + its.user()).orElse(""));
    ImageFacts image = registry.get(reference);
    Optional<String> user = login.map(RegistryLogin::user);
    if (image == null || (members.containsKey(reference) && !user.equals(members.get(reference)))) {
      throw missing("pull image", reference);
    }
    held.put(reference, image);
  }

  @Override
  public Attachment attach(ContainerId id, Attachment.Receiver receiver) {
    FakeAttachment attachment = new FakeAttachment(receiver);
    attachments.add(attachment);
    return attachment;
  }

  @Override
  public byte[] download(ContainerId id, String path, int most) throws EngineException {
    downloaded.add(path);
    byte[] tar = files.get(path);
    if (tar == null) {
      throw missing("copy from container", path);
    }
    return Arrays.copyOf(tar, Math.min(tar.length, most));
  }

  private static UnsupportedOperationException noContainers() {
    return new UnsupportedOperationException("this engine makes no containers");
  }

  @Override
  public EngineFacts facts() {
    throw noContainers();
  }

  @Override
  public ContainerId create(ContainerSpec spec) {
    throw noContainers();
  }

  @Override
  public ContainerFacts inspect(ContainerId id) {
    throw noContainers();
  }

  @Override
  public void start(ContainerId id) {
    throw noContainers();
  }

  @Override
  public void kill(ContainerId id) {
    throw noContainers();
  }

  @Override
  public boolean awaitExit(ContainerId id, Duration limit) {
    throw noContainers();
  }

  @Override
  public void remove(ContainerId id) {
    throw noContainers();
  }

  @Override
  public List<Labelled> containers(String label) {
    throw noContainers();
  }

  @Override
  public List<Labelled> volumes(String label) {
    throw noContainers();
  }

  @Override
  public void removeVolume(String name) {
    throw noContainers();
  }

  @Override
  public void close() {}
}
