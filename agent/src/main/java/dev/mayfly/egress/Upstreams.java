package dev.mayfly.egress;

import dev.mayfly.dns.Answer;
import io.netty.handler.codec.dns.DnsResponseCode;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The servers that are asked, one after the other until one answers; the one that did is asked
 * first the next time. Equal questions at one time are asked once. Used on the loop's thread alone.
 */
final class Upstreams {
  private static final Duration EACH = Duration.ofSeconds(2);
  private static final Duration ALL = Duration.ofSeconds(5);

  /** Over all sandboxes: each is a socket. */
  private static final int MOST = 1024;

  private final DnsLoop dns;
  private final List<InetSocketAddress> servers;
  private final Map<NameCache.Key, List<Consumer<Optional<Answer>>>> waiting = new HashMap<>();
  private int preferred;

  Upstreams(DnsLoop dns, List<InetSocketAddress> servers) {
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("a resolver needs an upstream server");
    }
    this.dns = dns;
    this.servers = List.copyOf(servers);
  }

  /**
   * @param then takes the answer of a server that knew one, of code NOERROR or NXDOMAIN; nothing
   *     where none did in time
   */
  void ask(NameCache.Key key, Consumer<Optional<Answer>> then) {
    List<Consumer<Optional<Answer>>> others = waiting.get(key);
    if (others != null) {
      others.add(then);
    } else if (waiting.size() >= MOST) {
      then.accept(Optional.empty());
    } else {
      waiting.put(key, new ArrayList<>(List.of(then)));
      long until = System.nanoTime() + ALL.toNanos();
      ask(key, new Attempt(preferred, 0, false, until));
    }
  }

  private record Attempt(int server, int failed, boolean tcp, long until) {
    Attempt overTcp() {
      return new Attempt(server, failed, true, until);
    }

    Attempt next(int servers) {
      return new Attempt((server + 1) % servers, failed + 1, false, until);
    }

    Duration limit() {
      Duration left = Duration.ofNanos(until - System.nanoTime());
      return left.compareTo(EACH) < 0 ? left : EACH;
    }
  }

  private void ask(NameCache.Key key, Attempt attempt) {
    Duration limit = attempt.limit();
    if (!limit.isPositive() || attempt.failed() >= 2 * servers.size()) {
      answered(key, Optional.empty());
      return;
    }
    UpstreamExchange.start(
        dns,
        servers.get(attempt.server()),
        attempt.tcp(),
        key,
        limit,
        answer -> judge(key, attempt, answer));
  }

  private void judge(NameCache.Key key, Attempt attempt, Optional<Answer> answer) {
    if (answer.isPresent() && answer.get().truncated() && !attempt.tcp()) {
      ask(key, attempt.overTcp());
    } else if (answer.isPresent() && isKnowledge(answer.get())) {
      preferred = attempt.server();
      answered(key, answer);
    } else if (answer.isPresent()) {
      ask(key, attempt.next(servers.size()));
    } else {
      // A server that is gone refuses at once; a pause keeps two of them from being asked in a
      // ring.
      var _ =
          dns.loop()
              .schedule(
                  () -> ask(key, attempt.next(servers.size())),
                  attempt.failed() < servers.size() - 1 ? 0 : 50,
                  TimeUnit.MILLISECONDS);
    }
  }

  private static boolean isKnowledge(Answer answer) {
    return !answer.truncated()
        && (answer.code().equals(DnsResponseCode.NOERROR)
            || answer.code().equals(DnsResponseCode.NXDOMAIN));
  }

  private void answered(NameCache.Key key, Optional<Answer> answer) {
    List<Consumer<Optional<Answer>>> all = waiting.remove(key);
    if (all != null) {
      all.forEach(then -> then.accept(answer));
    }
  }
}
