package dev.mayfly.cli;

import dev.mayfly.engine.EngineException;
import dev.mayfly.supervisor.Reaper;
import java.io.IOException;
import java.util.function.Consumer;

/** Clears what dead supervisors left, and tells what that was. */
final class Reaping {
  private Reaping() {}

  static void sweep(Reaper reaper, Consumer<String> tell) throws IOException, EngineException {
    for (Reaper.Reaped stray : reaper.sweep()) {
      tell.accept(
          stray.teardown().verified()
              ? "sandbox " + stray.id() + ", left by a supervisor that died, was destroyed"
              : "sandbox "
                  + stray.id()
                  + ", left by a supervisor that died, could not be destroyed: "
                  + String.join(", ", stray.teardown().leftovers()));
    }
  }
}
