package dev.mayfly.egress;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** Remembers what was opened. */
@NullMarked
final class FakePacketLayer implements PacketLayer {
  final List<Opening> opened = new CopyOnWriteArrayList<>();
  volatile @Nullable String failure;
  volatile Runnable before = () -> {};

  @Override
  public void open(SandboxAddress sandbox, List<Opening> openings) throws IOException {
    before.run();
    if (failure != null) {
      throw new IOException(failure);
    }
    opened.addAll(openings);
  }
}
