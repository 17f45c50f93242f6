package dev.mayfly.egress;

import java.io.IOException;
import java.util.List;

/** What the kernel lets through. */
public interface PacketLayer {
  /**
   * Lets a sandbox open these connections from now on; what is open for it already is prolonged.
   * When this returns, it is in force.
   *
   * @throws IOException where none of them is
   */
  void open(SandboxAddress sandbox, List<Opening> openings) throws IOException;
}
