package dev.mayfly;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;

/** Holds the directions between packages, and what only one of them may know. */
@NullMarked
class ArchitectureTest {
  private static final String ROOT = "dev.mayfly.";
  private static final int MOST_PARAMETERS = 8;

  /** Lowest first; a package imports only from layers before its own. Not all exist yet. */
  private static final List<Set<String>> LAYERS =
      List.of(
          Set.of("job", "event", "linux", "flow"),
          Set.of("policy", "engine", "nftables", "bpf", "dns"),
          Set.of("yaml", "runners"),
          Set.of("sandbox", "egress", "monitor", "detect"),
          Set.of("supervisor"),
          Set.of("hook"),
          Set.of(
              "runner.github",
              "runner.gitlab",
              "runner.command",
              "report",
              "telemetry",
              "config",
              "control"),
          Set.of("cli"));

  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPackages("dev.mayfly");
  private static final JavaClasses ALL = new ClassFileImporter().importPackages("dev.mayfly");

  @Test
  void importsOnlyFromLayersBelow() {
    Set<String> lower = new TreeSet<>();
    for (Set<String> layer : LAYERS) {
      for (String name : layer) {
        Set<String> forbidden =
            packages()
                .filter(p -> !p.equals(name) && !lower.contains(p))
                .collect(Collectors.toSet());
        if (!forbidden.isEmpty()) {
          noClasses()
              .that()
              .resideInAPackage(ROOT + name + "..")
              .should()
              .dependOnClassesThat()
              .resideInAnyPackage(
                  forbidden.stream().map(p -> ROOT + p + "..").toArray(String[]::new))
              .because(name + " may import only " + lower)
              .allowEmptyShould(true)
              .check(MAIN);
        }
      }
      lower.addAll(layer);
    }
  }

  @Test
  void knowsTheLayerOfEveryPackage() {
    assertThat(MAIN.stream().map(JavaClass::getPackageName).map(p -> p + "."))
        .isNotEmpty()
        .allSatisfy(
            p ->
                assertThat(packages().map(known -> ROOT + known + "."))
                    .as("layers of ArchitectureTest")
                    .anyMatch(p::startsWith));
  }

  private static Stream<String> packages() {
    return LAYERS.stream().flatMap(Set::stream);
  }

  @Test
  void hasNoCyclesBetweenPackages() {
    slices().matching(ROOT + "(**)").should().beFreeOfCycles().check(MAIN);
  }

  @Test
  void callsNativeCodeFromLinuxOnly() {
    onlyIn("linux", "com.sun.jna..", "java.lang.foreign..");
  }

  @Test
  void speaksToEnginesFromEngineOnly() {
    onlyIn("engine", "com.github.dockerjava..");
  }

  @Test
  void readsCommandLinesInCliOnly() {
    onlyIn("cli", "picocli..");
  }

  private static void onlyIn(String owner, String... libraries) {
    noClasses()
        .that(are(describe("outside " + owner, c -> !c.getPackageName().startsWith(ROOT + owner))))
        .should()
        .dependOnClassesThat(resideInAnyPackage(libraries))
        .check(MAIN);
  }

  @Test
  void namesClassesByWhatTheyAre() {
    noClasses()
        .should()
        .haveSimpleNameEndingWith("Util")
        .orShould()
        .haveSimpleNameEndingWith("Utils")
        .orShould()
        .haveSimpleNameEndingWith("Helper")
        .orShould()
        .haveSimpleNameEndingWith("Manager")
        .check(ALL);
  }

  @Test
  void waitsForWhatItNeedsInsteadOfSleeping() {
    noClasses()
        .should()
        .callMethodWhere(
            describe(
                "a thread sleeps",
                call ->
                    call.getName().equals("sleep")
                        && Set.of("java.lang.Thread", "java.util.concurrent.TimeUnit")
                            .contains(call.getTargetOwner().getName())))
        .check(ALL);
  }

  @Test
  void tellsInEveryPackageThatNothingIsNull() {
    classes()
        .should(
            condition(
                "be in a @NullMarked package",
                c ->
                    c.getPackage().isAnnotatedWith(NullMarked.class)
                        ? List.of()
                        : List.of(c.getPackageName() + " has no @NullMarked package-info.java")))
        .check(MAIN);
  }

  @Test
  void makesNoClassOfTooManyParts() {
    classes()
        .that(are(describe("not records", c -> !c.isRecord())))
        .should(
            condition(
                "have at most " + MOST_PARAMETERS + " constructor parameters",
                c ->
                    c.getConstructors().stream()
                        .filter(made -> made.getRawParameterTypes().size() > MOST_PARAMETERS)
                        .map(JavaConstructor::getFullName)
                        .toList()))
        .check(MAIN);
  }

  private static ArchCondition<JavaClass> condition(
      String description, Function<JavaClass, List<String>> violations) {
    return new ArchCondition<>(description) {
      @Override
      public void check(JavaClass c, ConditionEvents events) {
        violations.apply(c).forEach(v -> events.add(SimpleConditionEvent.violated(c, v)));
      }
    };
  }
}
