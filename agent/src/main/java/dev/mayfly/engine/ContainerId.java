package dev.mayfly.engine;

/** The engine's own id of a container. */
public record ContainerId(String value) {
  public ContainerId {
    if (!value.matches("[a-f0-9]{64}")) {
      throw new IllegalArgumentException("not a container id: " + value);
    }
  }

  @Override
  public String toString() {
    return value.substring(0, 12);
  }
}
