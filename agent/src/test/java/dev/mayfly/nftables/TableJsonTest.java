package dev.mayfly.nftables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Texts are those of libnftables 1.0.6. */
class TableJsonTest {
  @Test
  void readsElementsOfMapsAndSets() throws IOException {
    String map =
        """
        {"nftables": [{"metainfo": {"version": "1.0.6"}}, {"map": {"family": "inet", "name":
        "open4", "table": "mayfly", "type": ["ifname", "ipv4_addr", "inet_proto", "inet_service"],
        "map": "mark", "elem": [[{"elem": {"val": {"concat": ["mfy02a", "203.0.113.1", "tcp",
        443]}, "timeout": 30, "expires": 29}}, 3]]}}]}
        """;
    assertThat(TableJson.elements(map))
        .extracting(TableJson.Element::text, TableJson.Element::comment)
        .containsExactly(tuple("\"mfy02a\" . 203.0.113.1 . tcp . 443", ""));
    String set =
        """
        {"nftables": [{"set": {"family": "inet", "name": "refused", "table": "mayfly", "elem":
        ["mfy001", {"elem": {"val": "mfy02a", "comment": "abcdefgh-1", "counter": {"packets": 0,
        "bytes": 0}}}]}}]}
        """;
    assertThat(TableJson.elements(set))
        .extracting(TableJson.Element::device, TableJson.Element::comment)
        .containsExactly(tuple("mfy001", ""), tuple("mfy02a", "abcdefgh-1"));
  }

  @Test
  void findsChainsOfOthersThatDrop() throws IOException {
    String chains =
        """
        {"nftables": [
         {"chain": {"family": "ip", "table": "filter", "name": "FORWARD", "hook": "forward",
                    "policy": "drop"}},
         {"chain": {"family": "ip", "table": "filter", "name": "INPUT", "hook": "input",
                    "policy": "accept"}},
         {"chain": {"family": "inet", "table": "mayfly", "name": "forward", "hook": "forward",
                    "policy": "drop"}}]}
        """;
    assertThat(TableJson.droppingChains(chains, "forward")).containsExactly("ip filter FORWARD");
    assertThat(TableJson.droppingChains(chains, "input")).isEmpty();
    assertThat(TableJson.names(chains, "chain")).containsExactly("forward");
  }

  @Test
  void takesNothingElseForAnAnswer() {
    assertThatThrownBy(() -> TableJson.elements("table inet mayfly {"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("JSON");
  }
}
