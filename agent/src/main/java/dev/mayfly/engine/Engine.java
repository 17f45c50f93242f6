package dev.mayfly.engine;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Makes and destroys containers. Small on purpose: what it asks for, Docker, Podman and Kubernetes
 * can all give. Implementations are safe for use by many threads.
 */
public interface Engine extends AutoCloseable {

  /** What the engine is and what it enforces. Asked anew at each call. */
  EngineFacts facts() throws EngineException;

  /**
   * Looks an image up among those the engine holds; never asks a registry.
   *
   * @throws EngineException.Missing where the engine does not hold it
   */
  ImageFacts image(String reference) throws EngineException;

  /**
   * Fetches an image from the registry that its name tells.
   *
   * @param reference with a tag or a digest: engines take a bare name for all of its tags
   * @param login for the registry; empty: as nobody
   * @throws EngineException.Missing where the registry has no such image for who asks
   */
  void pull(String reference, Optional<RegistryLogin> login, Duration limit) throws EngineException;

  /** Makes a container that is not started yet. */
  ContainerId create(ContainerSpec spec) throws EngineException;

  /** What the engine says of a container now. */
  ContainerFacts inspect(ContainerId id) throws EngineException;

  /**
   * Connects to the standard streams of a container that was created and not started, so that
   * nothing it writes is missed. Closing the connection closes the container's standard input.
   */
  Attachment attach(ContainerId id, Attachment.Receiver receiver) throws EngineException;

  void start(ContainerId id) throws EngineException;

  /**
   * A path of the container as a tar archive.
   *
   * @param most bytes of it that are wanted; what comes after them is left out
   * @throws EngineException.Missing where there is no such path
   */
  byte[] download(ContainerId id, String path, int most) throws EngineException;

  /** Kills every process of the container. Nothing to do where none runs. */
  void kill(ContainerId id) throws EngineException;

  /**
   * Waits until the container has ended and the engine has let go of its file system.
   *
   * @return whether it ended within the limit
   */
  boolean awaitExit(ContainerId id, Duration limit) throws EngineException;

  /**
   * Removes the container, running or not, with its anonymous volumes. Nothing to do where there is
   * none.
   */
  void remove(ContainerId id) throws EngineException;

  /** Every container that has the label, in any state. */
  List<Labelled> containers(String label) throws EngineException;

  /** Every volume that has the label. */
  List<Labelled> volumes(String label) throws EngineException;

  void removeVolume(String name) throws EngineException;

  @Override
  void close();
}
