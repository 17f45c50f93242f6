package dev.mayfly.runner.gitlab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ServiceNamesTest {
  @ParameterizedTest
  @CsvSource({
    "postgres, postgres",
    "postgres:16-alpine, postgres",
    "tutum/wordpress:latest, tutum__wordpress tutum-wordpress",
    "a/b/c, a__b__c a-b-c",
    "registry.example/a/db:1, registry.example__a__db registry.example-a-db",
    "registry.example:5000/a/db:1, registry.example__a__db registry.example-a-db",
    "registry.example:5000/db, registry.example__db registry.example-db",
    "localhost:5000/db@sha256:abc, localhost__db localhost-db",
    "db:1@sha256:abc, db",
  })
  void areTheImagesNameAsGitLabHasIt(String image, String names) {
    assertThat(ServiceNames.of(image, Optional.empty()))
        .containsExactlyElementsOf(Arrays.asList(names.split(" ")));
  }

  @ParameterizedTest
  @CsvSource({
    "db, db postgres",
    "'db,primary  backup', db primary backup postgres",
    "' db , db ', db postgres",
    "postgres, postgres",
  })
  void beginWithItsAliases(String alias, String names) {
    assertThat(ServiceNames.of("postgres:16", Optional.of(alias)))
        .containsExactlyElementsOf(Arrays.asList(names.split(" ")));
  }

  @Test
  void leaveOutWhatIsNoHostName() {
    assertThat(ServiceNames.of("postgres", Optional.of("a;b ../c d\0 ok $(x)")))
        .containsExactly("ok", "postgres");
    assertThat(ServiceNames.of("postgres", Optional.of("a".repeat(254))))
        .containsExactly("postgres");
  }
}
