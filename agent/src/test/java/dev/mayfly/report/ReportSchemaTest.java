package dev.mayfly.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.mayfly.job.Outcome;
import dev.mayfly.sandbox.Teardown;
import dev.mayfly.supervisor.JobResult;
import dev.mayfly.supervisor.SampleResult;
import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds {@code docs/report.schema.json} to the reports that are written. */
class ReportSchemaTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final JsonNode SCHEMA = read(Path.of("..", "docs", "report.schema.json"));
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

  @TempDir private Path directory = Path.of("unset");

  private static JsonNode read(Path file) {
    try {
      return JSON.readTree(Files.readString(file));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static List<Error> complaints(JsonNode report) {
    return REGISTRY.getSchema(SCHEMA).validate(report);
  }

  private ObjectNode written(JobResult result) throws IOException {
    Report report = new ReportMaker("1.2.3").report(result).withEgress(SampleEgress.FULL);
    return (ObjectNode) read(new Reports(directory).write(report));
  }

  @Test
  void isASchema() {
    Schema schemas =
        REGISTRY.getSchema(SchemaLocation.of(SpecificationVersion.DRAFT_2020_12.getDialectId()));
    assertThat(schemas.validate(SCHEMA)).isEmpty();
  }

  static Stream<JobResult> results() {
    return SampleResult.OUTCOMES.stream()
        .flatMap(
            outcome ->
                Stream.of(SampleResult.CLEAN, new Teardown(List.of("mount /x")))
                    .flatMap(
                        teardown ->
                            Stream.of(
                                SampleResult.bare(outcome, teardown),
                                SampleResult.full(outcome, teardown))));
  }

  @ParameterizedTest
  @MethodSource("results")
  void acceptsEveryReportThatIsWritten(JobResult result) throws IOException {
    assertThat(complaints(written(result))).isEmpty();
  }

  @Test
  void hasASampleOfEveryOutcome() {
    assertThat(SampleResult.OUTCOMES.stream().<Class<?>>map(Outcome::getClass))
        .containsExactlyInAnyOrder(Outcome.class.getPermittedSubclasses());
  }

  @Test
  void acceptsReportsOfJobsWithoutNetwork() throws IOException {
    ObjectNode report = written(SampleResult.full(new Outcome.Exited(0), SampleResult.CLEAN));
    assertThat(report.remove("egress")).isNotNull();
    assertThat(complaints(report)).isEmpty();
    assertThat(Reports.parse(report.toString()).egress()).isNull();
  }

  @Test
  void refusesReportsOfAnotherVersion() throws IOException {
    ObjectNode report = written(SampleResult.full(new Outcome.Exited(0), SampleResult.CLEAN));
    report.put("schemaVersion", Report.SCHEMA_VERSION + 1);
    assertThat(complaints(report)).hasSize(1);
  }

  @Test
  void refusesWhatIsMissingAndWhatIsUnknownAtEveryPlace() throws IOException {
    ObjectNode good = written(SampleResult.full(new Outcome.TimedOut(), SampleResult.CLEAN));
    List<Place> places = places();
    assertThat(places).hasSize(20);
    for (Place place : places) {
      ObjectNode unknown = good.deepCopy();
      place.in(unknown).put("unknown", 1);
      assertThat(complaints(unknown)).as("unknown key in %s", place.pointer()).hasSize(1);
      for (RecordComponent component : place.type().getRecordComponents()) {
        ObjectNode without = good.deepCopy();
        assertThat(place.in(without).remove(component.getName()))
            .as("%s of the full sample", component)
            .isNotNull();
        assertThat(complaints(without))
            .as("without %s/%s", place.pointer(), component.getName())
            .hasSize(isNullable(component) ? 0 : 1);
      }
    }
  }

  /** What the printer reads must be there, so that a broken file is an error and not a crash. */
  @Test
  void parsesNothingThatLacksWhatIsRequired() throws IOException {
    ObjectNode good = written(SampleResult.full(new Outcome.TimedOut(), SampleResult.CLEAN));
    assertThat(ReportPrinter.print(Reports.parse(good.toString()))).isNotEmpty();
    for (Place place : places()) {
      for (RecordComponent component : place.type().getRecordComponents()) {
        ObjectNode without = good.deepCopy();
        place.in(without).remove(component.getName());
        ObjectNode nothing = good.deepCopy();
        place.in(nothing).putNull(component.getName());
        for (ObjectNode broken : List.of(without, nothing)) {
          if (isNullable(component)) {
            assertThat(ReportPrinter.print(Reports.parse(broken.toString()))).isNotEmpty();
          } else {
            assertThatThrownBy(() -> Reports.parse(broken.toString()))
                .as("%s/%s", place.pointer(), component.getName())
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("not a report of this version of Mayfly: ");
          }
        }
      }
    }
  }

  @Test
  void namesEveryRecordComponentAndNothingElse() {
    for (Place place : places()) {
      JsonNode schema = SCHEMA.at(place.schemaPointer());
      assertThat(fieldNames(schema.path("properties")))
          .as("properties of %s", place.type().getSimpleName())
          .containsExactlyInAnyOrderElementsOf(
              components(place).map(RecordComponent::getName).toList());
      assertThat(schema.path("required").valueStream().map(JsonNode::asText))
          .as("required of %s", place.type().getSimpleName())
          .containsExactlyInAnyOrderElementsOf(
              components(place)
                  .filter(component -> !isNullable(component))
                  .map(RecordComponent::getName)
                  .toList());
      assertThat(schema.path("additionalProperties").isBoolean()).isTrue();
      assertThat(schema.path("additionalProperties").booleanValue()).isFalse();
    }
  }

  private static final Map<String, String> UNITS =
      Map.of("Ns", "nanoseconds", "Seconds", "seconds", "Bytes", "bytes", "Pids", "count");

  @Test
  void describesEveryPropertyWithItsUnit() {
    for (Place place : places()) {
      SCHEMA
          .at(place.schemaPointer())
          .path("properties")
          .propertyStream()
          .forEach(
              property -> {
                String description = property.getValue().path("description").asText();
                assertThat(description).as(property.getKey()).endsWith(".").hasSizeGreaterThan(15);
                UNITS.forEach(
                    (suffix, unit) -> {
                      if (property.getKey().endsWith(suffix)) {
                        assertThat(description).containsIgnoringCase(unit);
                      }
                    });
              });
    }
  }

  /** A record of the report, and where it is. */
  private record Place(Class<?> type, String pointer, String schemaPointer) {
    ObjectNode in(ObjectNode report) {
      return (ObjectNode) report.at(pointer);
    }
  }

  private static List<Place> places() {
    List<Place> found = new ArrayList<>();
    collect(new Place(Report.class, "", ""), found);
    return found;
  }

  private static void collect(Place place, List<Place> found) {
    found.add(place);
    for (RecordComponent component : place.type().getRecordComponents()) {
      String pointer = place.pointer() + "/" + component.getName();
      String schema = place.schemaPointer() + "/properties/" + component.getName();
      Type element =
          component.getGenericType() instanceof ParameterizedType list
              ? list.getActualTypeArguments()[0]
              : component.getType();
      if (element instanceof Class<?> type && type.isRecord()) {
        boolean listed = !element.equals(component.getGenericType());
        collect(
            listed
                ? new Place(type, pointer + "/0", schema + "/items")
                : new Place(type, pointer, schema),
            found);
      }
    }
  }

  private static Stream<RecordComponent> components(Place place) {
    return Arrays.stream(place.type().getRecordComponents());
  }

  private static boolean isNullable(RecordComponent component) {
    AnnotatedElement type = component.getAnnotatedType();
    return type.isAnnotationPresent(Nullable.class);
  }

  private static List<String> fieldNames(JsonNode object) {
    return object.propertyStream().map(Map.Entry::getKey).toList();
  }
}
