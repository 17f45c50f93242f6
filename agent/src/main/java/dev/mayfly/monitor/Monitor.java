package dev.mayfly.monitor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The best source of events that this host has. */
public final class Monitor implements AutoCloseable {
  private final Optional<EventSource> source;
  private final boolean best;
  private final List<String> failures;

  private Monitor(Optional<EventSource> source, boolean best, List<String> failures) {
    this.source = source;
    this.best = best;
    this.failures = List.copyOf(failures);
  }

  /** A source that is tried by opening it. */
  public interface Candidate {
    EventSource open() throws IOException;
  }

  /**
   * Opens the first that can be.
   *
   * @param candidates the best first
   */
  public static Monitor open(List<Candidate> candidates) {
    List<String> failures = new ArrayList<>();
    for (Candidate candidate : candidates) {
      try {
        EventSource source = candidate.open();
        boolean first = failures.isEmpty();
        failures.addAll(source.gaps());
        return new Monitor(Optional.of(source), first && source.gaps().isEmpty(), failures);
      } catch (IOException e) {
        failures.add(String.valueOf(e.getMessage()));
      }
    }
    return new Monitor(Optional.empty(), false, failures);
  }

  /** Empty where the host has none. */
  public Optional<EventSource> source() {
    return source;
  }

  /** Whether it is the best one that there is, on any host, and nothing of it is missing. */
  public boolean isBest() {
    return best;
  }

  /** Why there is no better source, each a sentence for a person. */
  public List<String> failures() {
    return failures;
  }

  @Override
  public void close() {
    source.ifPresent(EventSource::close);
  }
}
