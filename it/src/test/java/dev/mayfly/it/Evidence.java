package dev.mayfly.it;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What arrived in the test world.
 *
 * @param packets all, as they were on the wire, but neighbour discovery
 * @param questions as the name servers got them
 * @param served as the other servers understood it
 */
record Evidence(List<Packet> packets, List<Question> questions, List<Served> served) {
  Evidence {
    packets = List.copyOf(packets);
    questions = List.copyOf(questions);
    served = List.copyOf(served);
  }

  /**
   * A packet.
   *
   * @param time seconds since the epoch
   * @param device the world's end of the link it came by
   * @param port -1 where the protocol has none
   * @param flags of TCP, such as {@code SA}
   * @param payload its first bytes, one a character
   */
  record Packet(
      double time,
      String device,
      String protocol,
      String source,
      String destination,
      int sourcePort,
      int port,
      String flags,
      String payload) {
    private String flow() {
      return String.join(
          " ", protocol, source, destination, Integer.toString(sourcePort), Integer.toString(port));
    }
  }

  /**
   * A question.
   *
   * @param server the address that was asked
   * @param transport {@code udp}, {@code tcp}, {@code tls} or {@code https}
   */
  record Question(
      double time, String server, String transport, String source, String name, String type) {}

  /**
   * A request.
   *
   * @param what all that the server knows of it, as JSON
   */
  record Served(double time, String server, String address, int port, String source, String what) {}

  static Evidence parse(List<String> lines) {
    ObjectMapper json = new ObjectMapper();
    List<Packet> packets = new ArrayList<>();
    List<Question> questions = new ArrayList<>();
    List<Served> served = new ArrayList<>();
    for (String line : lines) {
      JsonNode one;
      try {
        one = json.readTree(line);
      } catch (JsonProcessingException e) {
        throw new AssertionError("not a line of evidence: " + line, e);
      }
      switch (text(one, "kind")) {
        case "packet" -> packets.add(packet(one));
        case "question" ->
            questions.add(
                new Question(
                    time(one),
                    text(one, "server"),
                    text(one, "transport"),
                    text(one, "source"),
                    text(one, "name"),
                    text(one, "type")));
        case "served" ->
            served.add(
                new Served(
                    time(one),
                    text(one, "server"),
                    text(one, "address"),
                    one.path("port").asInt(-1),
                    text(one, "source"),
                    one.toString()));
        default -> throw new AssertionError("evidence of an unknown kind: " + line);
      }
    }
    return new Evidence(packets, questions, served);
  }

  private static Packet packet(JsonNode one) {
    return new Packet(
        time(one),
        text(one, "device"),
        text(one, "protocol"),
        text(one, "source"),
        text(one, "destination"),
        one.path("sport").asInt(-1),
        one.path("port").asInt(-1),
        one.path("flags").asText(""),
        one.path("payload").asText(""));
  }

  private static double time(JsonNode one) {
    if (!one.path("time").isNumber()) {
      throw new AssertionError("evidence without a time: " + one);
    }
    return one.path("time").asDouble();
  }

  private static String text(JsonNode one, String key) {
    if (!one.path(key).isTextual()) {
      throw new AssertionError("evidence without " + key + ": " + one);
    }
    return Objects.requireNonNull(one.path(key).asText());
  }

  /** Whether a text of a job got anywhere: in a packet, a question, or what a server decrypted. */
  boolean holds(String canary) {
    return packets.stream().anyMatch(packet -> packet.payload().contains(canary))
        || questions.stream().anyMatch(question -> question.name().contains(canary))
        || served.stream().anyMatch(request -> request.what().contains(canary));
  }

  /**
   * Packets that came within a time, but for what belongs to connections that are older, what the
   * links themselves need, and the questions of Mayfly's own resolver.
   */
  List<Packet> newWithin(double began, double ended) {
    Set<String> older = new HashSet<>();
    List<Packet> found = new ArrayList<>();
    for (Packet packet : packets) {
      if (packet.time() < began) {
        older.add(packet.flow());
      } else if (packet.time() <= ended
          && !(packet.protocol().equals("tcp") && older.contains(packet.flow()))
          && !packet.protocol().equals("arp")
          && !packet.destination().equals(EgressWorld.NAME_SERVER)) {
        found.add(packet);
      }
    }
    return found;
  }

  /** Questions that came within a time. */
  List<Question> askedWithin(double began, double ended) {
    return questions.stream()
        .filter(question -> question.time() >= began && question.time() <= ended)
        .toList();
  }
}
