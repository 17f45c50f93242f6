package dev.mayfly.linux;

/** A name space that stays, without any process in it, until this is closed. */
public final class HeldNamespace implements AutoCloseable {
  private final Processes.Namespace namespace;
  private final FileDescriptorHandle handle;

  HeldNamespace(Processes.Namespace namespace, FileDescriptorHandle handle) {
    this.namespace = namespace;
    this.handle = handle;
  }

  public Processes.Namespace namespace() {
    return namespace;
  }

  @Override
  public void close() {
    handle.close();
  }
}
