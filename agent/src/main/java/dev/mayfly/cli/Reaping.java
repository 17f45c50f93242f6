package dev.mayfly.cli;

import dev.mayfly.engine.EngineException;
import dev.mayfly.supervisor.Reaper;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** Clears what dead supervisors left, and tells what that was. */
final class Reaping {
  private Reaping() {}

  /** Whether nothing is left. */
  static boolean sweep(Reaper reaper, Consumer<String> tell) throws IOException, EngineException {
    List<Reaper.Reaped> found = reaper.sweep();
    tell(found, "lost by a supervisor that died", tell);
    return found.stream().allMatch(one -> one.teardown().verified());
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
