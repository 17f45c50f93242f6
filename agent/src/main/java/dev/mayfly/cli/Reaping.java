package dev.mayfly.cli;

import dev.mayfly.engine.EngineException;
import dev.mayfly.supervisor.Reaper;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** Clears what dead supervisors left, and tells what that was. */
final class Reaping {
  private Reaping() {}

  static void sweep(Reaper reaper, Consumer<String> tell) throws IOException, EngineException {
    tell(reaper.sweep(), "left by a supervisor that died", tell);
  }

  /**
   * Tells what became of sandboxes.
   *
   * @param whence why they had not been destroyed before
   */
  static void tell(List<Reaper.Reaped> sandboxes, String whence, Consumer<String> tell) {
    for (Reaper.Reaped one : sandboxes) {
      tell.accept(
          one.teardown().verified()
              ? "sandbox "
                  + one.id()
                  + ", "
                  + whence
                  + ", was destroyed: "
                  + String.join(", ", one.found())
              : "sandbox "
                  + one.id()
                  + ", "
                  + whence
                  + ", could not be destroyed: "
                  + String.join(", ", one.teardown().leftovers()));
    }
  }
}
