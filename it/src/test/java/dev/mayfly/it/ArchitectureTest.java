package dev.mayfly.it;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What measures Mayfly calls what Mayfly is made of, and keeps to its directions. */
class ArchitectureTest {
  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .importPath(Path.of("target", "classes"));

  @Test
  void callsNativeCodeOnlyThroughTheAgent() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.sun.jna..", "java.lang.foreign..")
        .check(MAIN);
  }

  /** Where Docker itself is what is measured. */
  @Test
  void speaksToEnginesByItselfInOneClassOnly() {
    noClasses()
        .that()
        .haveNameNotMatching("dev\\.mayfly\\.bench\\.Docker(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("com.github.dockerjava..")
        .check(MAIN);
  }
}
