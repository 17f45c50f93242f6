package dev.mayfly.report;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.mayfly.job.Finding;
import dev.mayfly.sandbox.SandboxId;
import dev.mayfly.supervisor.ServiceResult;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of one job, in the form of {@code report.json}. A value that could not be read
 * is absent, never 0. Described by {@code docs/report.schema.json}.
 *
 * @param schemaVersion raised when a reader of an older one could misunderstand
 * @param exitCode what {@code mayfly exec} exits with
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Report(
    int schemaVersion,
    String mayflyVersion,
    String sandbox,
    JobPart job,
    PolicyPart policy,
    ImagePart image,
    @Nullable List<ServicePart> services,
    OutcomePart outcome,
    int exitCode,
    String start,
    List<SpanPart> timeline,
    Resources resources,
    @Nullable EgressPart egress,
    @Nullable MonitorPart monitor,
    @Nullable SecretsPart secrets,
    List<FindingPart> findings,
    Coverage coverage,
    TeardownPart teardown) {

  public static final int SCHEMA_VERSION = 1;

  public Report {
    requireAll(mayflyVersion, sandbox, job, policy, image, outcome, start);
    requireAll(resources, coverage, teardown);
    services = services == null ? null : List.copyOf(services);
    timeline = List.copyOf(timeline);
    findings = List.copyOf(findings);
  }

  /** The same report with what was seen of the sandbox's way out. */
  public Report withEgress(EgressPart seen) {
    return new Report(
        schemaVersion,
        mayflyVersion,
        sandbox,
        job,
        policy,
        image,
        services,
        outcome,
        exitCode,
        start,
        timeline,
        resources,
        seen,
        monitor,
        secrets,
        findings,
        coverage,
        teardown);
  }

  /** Jackson knows nothing of {@code @Nullable}: it gives null for what a file lacks. */
  private static void requireAll(Object... values) {
    for (Object value : values) {
      Objects.requireNonNull(value);
    }
  }

  /**
   * The job as the CI server, or the operator's command line, named it.
   *
   * @param details what else the server said of it, in its words
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record JobPart(
      String id,
      String platform,
      @Nullable String project,
      @Nullable String ref,
      String name,
      @Nullable Map<String, String> details) {
    public JobPart {
      requireAll(id, platform, name);
      details = details == null ? null : Map.copyOf(details);
    }
  }

  /**
   * The policy that was in force.
   *
   * @param digest {@code sha256:} of the policy's values in canonical form; equal digests mean
   *     equal policies
   * @param identity whom the command ran as: {@code name (uid:gid)}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record PolicyPart(String name, String digest, @Nullable String identity) {
    public PolicyPart {
      requireAll(name, digest);
    }
  }

  /**
   * The image.
   *
   * @param digest of its configuration
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ImagePart(String name, @Nullable String digest) {
    public ImagePart {
      requireAll(name);
    }
  }

  /**
   * What the job had beside it.
   *
   * @param image as the job named it
   * @param digest of the image's configuration
   * @param sandbox its own
   * @param ready whether it listened before the job ran; absent where no port tells
   * @param end {@code with-job}, {@code exited}, {@code not-started}, {@code timed-out}, {@code
   *     lost} or {@code refused}
   * @param exitCode of its program, where that ended by itself
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ServicePart(
      String name,
      String image,
      @Nullable String digest,
      @Nullable String sandbox,
      @Nullable Boolean ready,
      String end,
      @Nullable Integer exitCode) {
    public ServicePart {
      requireAll(name, image, end);
    }

    static ServicePart of(ServiceResult service) {
      return new ServicePart(
          service.name(),
          service.image().toString(),
          service.digest().orElse(null),
          service.sandbox().map(SandboxId::value).orElse(null),
          service.ready().orElse(null),
          service.end().word(),
          service.exitCode().orElse(null));
    }
  }

  /**
   * How it ended.
   *
   * @param kind {@code exited}, {@code timed-out}, {@code stopped}, {@code cancelled}, {@code
   *     refused} or {@code failed}
   * @param reason where it was not the command that ended it: one line with cause and remedy
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record OutcomePart(String kind, @Nullable String reason) {
    public OutcomePart {
      requireAll(kind);
    }
  }

  /** One stretch of time; nanoseconds, the start counted from the report's own. */
  public record SpanPart(String name, long startNs, long durationNs) {
    public SpanPart {
      requireAll(name);
    }
  }

  /** What the sandbox used. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Resources(
      @Nullable Double cpuSeconds,
      @Nullable Long peakMemoryBytes,
      @Nullable Long ioBytes,
      @Nullable Long peakPids,
      @Nullable Long memoryKills) {}

  /**
   * What was seen of the sandbox's way out. Bounded: of a flood of different names or destinations
   * the rest is counted only, and {@code complete} is false.
   *
   * @param mode that was in force
   * @param server hosts of the CI server that handed out the job, allowed beside the policy's
   * @param refusedPackets all of them, counted by the kernel; absent where its count could not be
   *     read
   * @param complete whether nothing that would belong here was lost
   * @param gaps what was lost, for a person
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record EgressPart(
      String mode,
      List<String> server,
      List<NamePart> names,
      List<ConnectionPart> connections,
      @Nullable Long refusedPackets,
      boolean complete,
      List<String> gaps) {
    public EgressPart {
      requireAll(mode);
      server = List.copyOf(server);
      names = List.copyOf(names);
      connections = List.copyOf(connections);
      gaps = List.copyOf(gaps);
    }
  }

  /**
   * A name that the sandbox asked for.
   *
   * @param type such as {@code A}
   * @param answer {@code allowed} or {@code refused}
   * @param reason why it was refused
   * @param count of questions
   * @param chain the names that the answer went over, without the first
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record NamePart(
      String name,
      String type,
      String answer,
      @Nullable String reason,
      long count,
      List<String> chain,
      List<String> addresses) {
    public static final String ALLOWED = "allowed";
    public static final String REFUSED = "refused";

    public NamePart {
      requireAll(name, type, answer);
      chain = List.copyOf(chain);
      addresses = List.copyOf(addresses);
    }
  }

  /**
   * A destination that the sandbox tried to reach.
   *
   * @param protocol such as {@code tcp}
   * @param name from the TLS ClientHello, or for which the address was resolved
   * @param verdict {@code allowed} by a rule or the mode, {@code audited}: let through to be
   *     recorded, or {@code refused}
   * @param layer which of packet, name and tls refused it
   * @param reason why it was refused
   * @param allow the entry of {@code egress.allow} that would allow it
   * @param count of connections, or of refused packets
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record ConnectionPart(
      String protocol,
      String address,
      @Nullable Integer port,
      @Nullable String name,
      String verdict,
      @Nullable String layer,
      @Nullable String reason,
      @Nullable String allow,
      long count) {
    public static final String ALLOWED = "allowed";
    public static final String AUDITED = "audited";
    public static final String REFUSED = "refused";

    public ConnectionPart {
      requireAll(protocol, address, verdict);
    }
  }

  /**
   * The names of the secret variables that the CI server handed out for the job.
   *
   * @param given those that it got
   * @param withheld those that its policy kept from it
   */
  public record SecretsPart(List<String> given, List<String> withheld) {
    public SecretsPart {
      given = List.copyOf(given);
      withheld = List.copyOf(withheld);
    }
  }

  /** What broke the policy or matched a detection. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record FindingPart(
      String rule,
      String severity,
      @Nullable String technique,
      String reaction,
      String process,
      String target,
      String remedy,
      long count) {
    public FindingPart {
      requireAll(rule, severity, reaction, process, target, remedy);
    }

    static FindingPart of(Finding finding) {
      return new FindingPart(
          finding.rule(),
          finding.severity().word(),
          finding.technique().orElse(null),
          finding.reaction().word(),
          finding.process(),
          finding.target(),
          finding.remedy(),
          finding.count());
    }
  }

  /**
   * Whether everything the job did was seen.
   *
   * @param state {@code proven} or {@code unproven}
   * @param reason why it is unproven
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Coverage(String state, @Nullable String reason) {
    public static final String PROVEN = "proven";
    public static final String UNPROVEN = "unproven";

    public Coverage {
      requireAll(state);
    }
  }

  /** Whether the sandbox is gone, by looking. */
  public record TeardownPart(boolean verified, List<String> leftovers) {
    public TeardownPart {
      leftovers = List.copyOf(leftovers);
    }
  }
}
