package dev.mayfly.nftables;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;

/**
 * One sandbox as the table knows it.
 *
 * @param device the host's end of its link
 * @param sandbox its id, noted on everything that is its own
 * @param supervisor whose it is
 * @param classNumber which of the supervisor's classes it is of
 * @param resolvers where its questions for names go, one for each family
 * @param budgets bytes that it may send at most, by number of rule
 */
public record Arming(
    String device,
    String sandbox,
    Inet4Address ipv4,
    Inet6Address ipv6,
    String supervisor,
    int classNumber,
    List<InetSocketAddress> resolvers,
    Map<Integer, Long> budgets) {
  public Arming {
    resolvers = List.copyOf(resolvers);
    budgets = Map.copyOf(budgets);
  }
}
