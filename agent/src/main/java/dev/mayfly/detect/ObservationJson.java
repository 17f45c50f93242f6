package dev.mayfly.detect;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.mayfly.event.Actor;
import dev.mayfly.event.Observation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Observations as lines of JSON, for recordings: each an object with the components of the records
 * by their names. Nothing is left out but ancestors beyond the nearest 16.
 */
public final class ObservationJson {
  private static final int MOST_ANCESTORS = 16;
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private ObservationJson() {}

  /** One line, without its end; in ASCII. */
  public static String write(Observation observation) {
    Observation bounded =
        new Observation(observation.event(), bounded(observation.actor(), MOST_ANCESTORS));
    try {
      return MAPPER.writeValueAsString(RecordTree.of(bounded));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree that was made here can't be written", e);
    }
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException where it is something else
   */
  public static Observation read(String line) {
    try {
      return RecordTree.read(MAPPER.readTree(line), Observation.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not an object of JSON: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * All lines of a file.
   *
   * @throws IllegalArgumentException with the number of a line that is none
   */
  public static List<Observation> readAll(Path file) throws IOException {
    List<String> lines = Files.readAllLines(file);
    return IntStream.range(0, lines.size())
        .filter(i -> !lines.get(i).isBlank())
        .mapToObj(
            i -> {
              try {
                return read(lines.get(i));
              } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(file + ":" + (i + 1) + ": " + e.getMessage(), e);
              }
            })
        .toList();
  }

  private static Actor bounded(Actor actor, int ancestors) {
    return new Actor(
        actor.key(),
        ancestors == 0
            ? Optional.empty()
            : actor.parent().map(parent -> bounded(parent, ancestors - 1)),
        actor.file(),
        actor.path(),
        actor.called(),
        actor.arguments(),
        actor.directory(),
        actor.uid(),
        actor.session(),
        actor.generation(),
        actor.started());
  }
}
