package dev.mayfly.it;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.mayfly.report.Reports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What {@code report.json} says of a job's way out. */
record EgressReport(JsonNode json) {
  /** A name that was asked for. */
  record Name(
      String name,
      String type,
      String answer,
      String reason,
      long count,
      List<String> chain,
      List<String> addresses) {}

  /**
   * A destination.
   *
   * @param port -1 where the protocol has none
   * @param layer empty where it was not refused
   * @param allow the line of YAML that would allow it; empty where none would
   */
  record Connection(
      String protocol,
      String address,
      int port,
      String name,
      String verdict,
      String layer,
      String reason,
      String allow,
      long count) {
    boolean refused() {
      return verdict.equals("refused");
    }
  }

  static EgressReport last(Mayfly mayfly) {
    try {
      Reports all = new Reports(mayfly.reports());
      return new EgressReport(
          new ObjectMapper().readTree(all.json(all.last().orElseThrow()).orElseThrow()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private JsonNode egress() {
    if (!json.path("egress").isObject()) {
      throw new AssertionError("the report has no part egress: " + json);
    }
    return json.path("egress");
  }

  String mode() {
    return egress().path("mode").asText();
  }

  boolean complete() {
    return egress().path("complete").asBoolean();
  }

  /** All packets that were refused, each repetition counted. */
  long refusedPackets() {
    if (!egress().path("refusedPackets").isNumber()) {
      throw new AssertionError("the report does not count refused packets: " + egress());
    }
    return egress().path("refusedPackets").asLong();
  }

  List<Name> names() {
    List<Name> found = new ArrayList<>();
    for (JsonNode one : egress().path("names")) {
      found.add(
          new Name(
              one.path("name").asText(),
              one.path("type").asText(),
              one.path("answer").asText(),
              one.path("reason").asText(""),
              one.path("count").asLong(),
              texts(one.path("chain")),
              texts(one.path("addresses"))));
    }
    return found;
  }

  List<Connection> connections() {
    List<Connection> found = new ArrayList<>();
    for (JsonNode one : egress().path("connections")) {
      found.add(
          new Connection(
              one.path("protocol").asText(),
              one.path("address").asText(),
              one.path("port").asInt(-1),
              one.path("name").asText(""),
              one.path("verdict").asText(),
              one.path("layer").asText(""),
              one.path("reason").asText(""),
              one.path("allow").asText(""),
              one.path("count").asLong()));
    }
    return found;
  }

  /** Connections to a destination that came to this end. */
  Optional<Connection> connection(String protocol, String address, int port, String verdict) {
    return connections().stream()
        .filter(one -> one.protocol().equals(protocol) && one.address().equals(address))
        .filter(one -> one.port() == port && one.verdict().equals(verdict))
        .findFirst();
  }

  /** Targets of the findings of a rule. */
  List<String> findings(String rule) {
    List<String> found = new ArrayList<>();
    for (JsonNode one : json.path("findings")) {
      if (one.path("rule").asText().equals(rule)) {
        found.add(one.path("target").asText());
      }
    }
    return found;
  }

  private static List<String> texts(JsonNode list) {
    List<String> found = new ArrayList<>();
    list.forEach(one -> found.add(one.asText()));
    return found;
  }
}
