package dev.mayfly.bench;

import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;

/**
 * What jobs of GitLab's take, for a person, in Markdown.
 *
 * @param jobs runs of an empty job, by way
 * @param hooks calls of a hook that needs no container
 * @param programs starts of a program that does nothing
 * @param logs megabytes a second from a job's script to its runner, by way
 */
record GitLabResults(
    int rounds,
    Map<String, List<Calls>> jobs,
    List<Duration> hooks,
    List<Duration> programs,
    Map<String, Readings> logs) {
  static final String BY_HAND = "`docker create`, `start`, `exec` for each stage, `rm`";
  static final String COLD = "Mayfly, the sandbox made when the job comes";
  static final String WARM = "Mayfly, the sandbox made ahead";

  private static final Map<String, Target> TARGETS =
      Map.of(COLD, Target.atMost(0.6), WARM, Target.atMost(0.25));
  private static final Target WARM_MILLIS = Target.atMost(200);
  private static final Target HOOK_MILLIS = Target.atMost(3);
  private static final Target LOG_RATE = Target.atLeast(100);

  String text() {
    return """
        **An empty job**: medians of %d interleaved rounds in milliseconds, 90th percentiles in brackets.

        | way | until the runner goes on | of by hand | until nothing is left | of by hand |
        | --- | ---: | ---: | ---: | ---: |
        %s
        An empty job in a sandbox made ahead: median %s ms.

        **Its calls**

        | call | by hand | made when it comes | made ahead |
        | --- | ---: | ---: | ---: |
        %s
        **A hook's round trip**: a call that needs no container, %d times, beside the start of a program that does nothing.

        | program | ms |
        | --- | ---: |
        | `/bin/true` | %s |
        | `mayfly-hook config` | %s; median %s |

        **A job's log**, from the script to the runner: medians in MB/s, lowest and highest in brackets.

        | way | MB/s | of by hand |
        | --- | ---: | ---: |
        %s"""
        .formatted(
            rounds,
            String.join("", List.of(BY_HAND, COLD, WARM).stream().map(this::job).toList()),
            judged(WARM_MILLIS, Spread.millis(spread(WARM, Calls::total).median()), "%.0f"),
            String.join("", calls().stream().map(this::call).toList()),
            hooks.size(),
            fine(programs),
            fine(hooks),
            judged(HOOK_MILLIS, Spread.millis(Spread.of(hooks).median()), "%.2f"),
            log(BY_HAND) + log(WARM));
  }

  private String job(String way) {
    Spread job = spread(way, Calls::total);
    Spread all = spread(way, Calls::untilGone);
    double ratio = job.over(spread(BY_HAND, Calls::total));
    Target target = TARGETS.get(way);
    return Table.row(
        way,
        job.toString(),
        target == null ? "1.00" : judged(target, ratio, "%.2f"),
        all.toString(),
        String.format(Locale.ROOT, "%.2f", all.over(spread(BY_HAND, Calls::untilGone))));
  }

  private Set<String> calls() {
    return new LinkedHashSet<>(of(WARM).getFirst().took().keySet());
  }

  private String call(String name) {
    return Table.row("`" + name + "`", call(BY_HAND, name), call(COLD, name), call(WARM, name));
  }

  private String call(String way, String name) {
    return of(way).getFirst().took().containsKey(name)
        ? spread(way, calls -> Objects.requireNonNull(calls.took().get(name))).toString()
        : "–";
  }

  private String log(String way) {
    Readings rates = Objects.requireNonNull(logs.get(way));
    double ratio = rates.median() / Objects.requireNonNull(logs.get(BY_HAND)).median();
    String shown = rates.shown("%.0f");
    return Table.row(
        way,
        way.equals(WARM) ? LOG_RATE.judged(shown, rates.median()) : shown,
        String.format(Locale.ROOT, "%.2f", ratio));
  }

  private static String judged(Target target, double value, String format) {
    return target.judged(String.format(Locale.ROOT, format, value), value);
  }

  private static String fine(List<Duration> durations) {
    Spread spread = Spread.of(durations);
    return String.format(
        Locale.ROOT, "%.2f (%.2f)", Spread.millis(spread.median()), Spread.millis(spread.p90()));
  }

  private Spread spread(String way, Function<Calls, Duration> field) {
    return Spread.of(of(way).stream().map(field).toList());
  }

  private List<Calls> of(String way) {
    return Objects.requireNonNull(jobs.get(way));
  }
}
