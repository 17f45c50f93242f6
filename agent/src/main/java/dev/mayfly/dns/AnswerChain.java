package dev.mayfly.dns;

import io.netty.handler.codec.dns.DnsRecordType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** From the name that was asked, over its aliases, to the records that answer. */
public sealed interface AnswerChain {
  int MOST_HOPS = 16;

  /**
   * It ends.
   *
   * @param hops the names after the first
   * @param records the aliases and then the answers; of the latter there may be none
   * @param answers how many of them are answers
   */
  record Followed(List<DnsName> hops, List<WireRecord> records, int answers)
      implements AnswerChain {
    public Followed {
      hops = List.copyOf(hops);
      records = List.copyOf(records);
    }
  }

  /** It runs in a circle or does not end. */
  record Endless() implements AnswerChain {}

  /** Other records than those on the way are left out, whatever they are. */
  static AnswerChain follow(Answer answer) {
    List<DnsName> hops = new ArrayList<>();
    List<WireRecord> records = new ArrayList<>();
    Set<DnsName> seen = new HashSet<>();
    DnsName at = answer.asked();
    while (true) {
      DnsName owner = at;
      if (!seen.add(owner) || hops.size() > MOST_HOPS) {
        return new Endless();
      }
      int aliases = records.size();
      answer.answers().stream()
          .filter(r -> r.type().equals(answer.type()) && r.owner().equals(owner) && r.isUseful())
          .forEach(records::add);
      Optional<WireRecord> alias =
          records.size() > aliases
              ? Optional.empty()
              : answer.answers().stream()
                  .filter(r -> r.type().equals(DnsRecordType.CNAME) && r.owner().equals(owner))
                  .findFirst();
      if (alias.isEmpty()) {
        return new Followed(hops, records, records.size() - aliases);
      }
      records.add(alias.get());
      at = alias.get().target().orElseThrow();
      hops.add(at);
    }
  }
}
