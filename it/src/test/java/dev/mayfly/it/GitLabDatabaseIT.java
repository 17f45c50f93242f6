package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.report.Report;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A PostgreSQL beside a job, as {@code services: [postgres]} gives one. */
final class GitLabDatabaseIT extends GitLabJobs {
  private static final String IMAGE = "mayfly-it-postgres";

  /** As the usual image does it: the variables of the service say who may do what. */
  private static final String ENTRYPOINT =
      """
      #!/bin/bash
      set -euo pipefail
      PATH=$(echo /usr/lib/postgresql/*/bin):$PATH
      initdb --pgdata=/var/lib/postgresql/data --auth=scram-sha-256 --no-sync \\
        --pwfile=<(printf '%s\\n' "$POSTGRES_PASSWORD")
      exec "$@" -D /var/lib/postgresql/data -c listen_addresses='*'
      """;

  GitLabDatabaseIT(@TempDir Path directory) throws IOException {
    super(directory, GitLabCoordinator.start(directory), "it-database", GitLabDaemon.More.NONE);
  }

  @BeforeAll
  static void makeImage() throws IOException, InterruptedException {
    EngineClient.makeImageBy(
        """
        cd /packages
        ./install-packages -o Dpkg::Options::=--force-unsafe-io postgresql
        cat >/usr/local/bin/entrypoint <<'END'
        """
            + ENTRYPOINT
            + """
            END
            chmod 755 /usr/local/bin/entrypoint
            """,
        List.of("--volume", Site.corpus().resolve("postgresql") + ":/packages:ro"),
        IMAGE,
        "USER postgres",
        "ENTRYPOINT [\"entrypoint\"]",
        "CMD [\"postgres\"]",
        "EXPOSE 5432");
  }

  @AfterAll
  static void removeImage() throws IOException, InterruptedException {
    EngineClient.docker("rmi", IMAGE);
  }

  @Test
  void answersTheJobsQueriesByItsNameAndTakesThePasswordOfItsVariables() {
    OfferedJob job =
        run(
            GitLabJob.named("unit")
                .image(IMAGE, "")
                .service(IMAGE, "db")
                .variable("POSTGRES_PASSWORD", "canary-database-0123")
                .script(
                    "export PGPASSWORD=$POSTGRES_PASSWORD PGHOST=db PGUSER=postgres",
                    "psql -qc 'create table numbers as select generate_series(1, 1000) as n'",
                    "psql -Atc \"select 'sum ' || sum(n) from numbers\"",
                    "! PGPASSWORD=wrong psql -c 'select 1'"));

    assertThat(job.awaitOutcome()).as(job.trace()).isEqualTo(OfferedJob.Outcome.SUCCESS);
    assertThat(job.trace())
        .contains("sum 500500\n", "password authentication failed for user \"postgres\"")
        .contains("no findings");
    Report report = daemon.report(job);
    assertThat(report.teardown().verified()).isTrue();
    assertThat(report.coverage().state()).isEqualTo("proven");
  }
}
