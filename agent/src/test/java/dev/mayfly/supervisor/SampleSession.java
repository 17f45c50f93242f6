package dev.mayfly.supervisor;

import dev.mayfly.job.Outcome;
import dev.mayfly.job.Timeline;
import dev.mayfly.sandbox.Sandbox;
import java.util.List;
import java.util.function.Consumer;

/** Jobs without a supervisor. */
public final class SampleSession {
  private SampleSession() {}

  /** A job in a sandbox that is there already. */
  public static JobSession in(Sandbox sandbox, JobRequest request, Consumer<String> messages) {
    return JobSession.start(
        (_, work, streams, control) ->
            SampleResult.bare(
                work.in(
                    new Work.Place(
                        sandbox, new Timeline(), () -> List.of(SampleResult.FINDING), () -> {}),
                    streams,
                    control),
                SampleResult.CLEAN),
        request,
        messages);
  }

  /** A job that gets no sandbox. */
  public static JobSession without(Outcome outcome, JobRequest request, Consumer<String> messages) {
    return JobSession.start(
        (_, _, _, _) -> SampleResult.bare(outcome, SampleResult.CLEAN), request, messages);
  }
}
