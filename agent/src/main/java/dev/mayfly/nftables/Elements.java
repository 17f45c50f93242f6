package dev.mayfly.nftables;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The elements of one sandbox, as commands. */
final class Elements {
  /** Sets and maps that have one element for each sandbox, found by its device alone. */
  private static final List<String> PLAIN =
      List.of("refused", "untold", "unseen", "talkative", "busy", "flows", "asking");

  private Elements() {}

  /** Whole seconds, rounded up; a time-out of none would mean forever. */
  static String time(Duration time) {
    return Math.max(1, time.plusNanos(999_999_999).toSeconds()) + "s";
  }

  static String arm(Arming arming) {
    StringBuilder text = new StringBuilder();
    SupervisorChains chains = new SupervisorChains(arming.supervisor());
    arming
        .budgets()
        .forEach(
            (rule, bytes) -> {
              text.append(
                  "add quota inet mayfly %s { over %d bytes }\n"
                      .formatted(budget(arming.device(), rule), bytes));
              add(text, arming, "budgets", " . " + rule, quote(budget(arming.device(), rule)));
            });
    for (String plain : PLAIN) {
      add(text, arming, plain, "", "");
    }
    for (InetSocketAddress resolver : arming.resolvers()) {
      add(
          text,
          arming,
          resolver.getAddress() instanceof Inet4Address ? "resolver4" : "resolver6",
          "",
          endpoint(resolver));
    }
    add(text, arming, "spoofing", "", "goto " + chains.chain("spoofed"));
    add(text, arming, "spent", "", "goto " + chains.chain("spent"));
    add(text, arming, "hosted", "", "goto " + chains.chain("host"));
    add(text, arming, "sandboxes", "", "goto " + chains.classChain(arming.classNumber()));
    // One that is there is of a sandbox that is gone and was not swept yet: all of it fails then.
    put(text, "create", arming, "links4", " . " + arming.ipv4().getHostAddress(), "");
    add(text, arming, "links6", " . " + arming.ipv6().getHostAddress(), "");
    return text.toString();
  }

  private static void add(StringBuilder text, Arming arming, String set, String key, String data) {
    put(text, "add", arming, set, key, data);
  }

  private static void put(
      StringBuilder text, String verb, Arming arming, String set, String key, String data) {
    text.append(
        "%s element inet mayfly %s { %s%s comment %s%s }\n"
            .formatted(
                verb,
                set,
                quote(arming.device()),
                key,
                quote(arming.sandbox()),
                data.isEmpty() ? "" : " : " + data));
  }

  static String disarm(Arming arming) {
    StringBuilder text = new StringBuilder();
    delete(text, "links4", quote(arming.device()) + " . " + arming.ipv4().getHostAddress());
    delete(text, "links6", quote(arming.device()) + " . " + arming.ipv6().getHostAddress());
    for (String set : List.of("sandboxes", "hosted", "spoofing", "spent")) {
      delete(text, set, quote(arming.device()));
    }
    for (InetSocketAddress resolver : arming.resolvers()) {
      delete(
          text,
          resolver.getAddress() instanceof Inet4Address ? "resolver4" : "resolver6",
          quote(arming.device()));
    }
    for (String plain : PLAIN) {
      delete(text, plain, quote(arming.device()));
    }
    for (int rule : arming.budgets().keySet()) {
      delete(text, "budgets", quote(arming.device()) + " . " + rule);
      text.append("delete quota inet mayfly %s\n".formatted(budget(arming.device(), rule)));
    }
    return text.toString();
  }

  private static void delete(StringBuilder text, String set, String key) {
    text.append("delete element inet mayfly %s { %s }\n".formatted(set, key));
  }

  /**
   * Opens pinholes whose time begins now. One that is there is made anew: what there was is added
   * once more first, which changes nothing where it is there still, so that it can be deleted
   * whether it ran out in this moment or not.
   */
  static String open(String device, List<Pinhole.Change> changes) {
    Batch before = new Batch();
    Batch after = new Batch();
    for (Pinhole.Change change : changes) {
      Pinhole pinhole = change.pinhole();
      change.before().orElse(pinhole).elements(before, device, Optional.empty());
      pinhole.elements(after, device, Optional.of(pinhole.time()));
    }
    return before.text("add", true) + before.text("delete", false) + after.text("add", true);
  }

  static String close(String device, List<Pinhole> pinholes) {
    Batch batch = new Batch();
    pinholes.forEach(pinhole -> pinhole.elements(batch, device, Optional.empty()));
    return batch.text("add", true) + batch.text("delete", false);
  }

  static String budget(String device, int rule) {
    return budgets(device) + rule;
  }

  /** With what the names of all budgets of a sandbox begin. */
  static String budgets(String device) {
    return "budget_" + device + "_";
  }

  static String quote(String word) {
    if (!word.matches("[A-Za-z0-9_.-]+")) {
      throw new IllegalArgumentException("no name for nftables: " + word);
    }
    return '"' + word + '"';
  }

  static String endpoint(InetSocketAddress endpoint) {
    return address(endpoint.getAddress()) + " . " + endpoint.getPort();
  }

  static String address(InetAddress address) {
    return address.getHostAddress();
  }

  /** Elements by set, for one command for each set. */
  static final class Batch {
    private final Map<String, List<String>> keys = new LinkedHashMap<>();
    private final Map<String, List<String>> whole = new LinkedHashMap<>();

    void put(String set, String key, String rest, String data) {
      keys.computeIfAbsent(set, _ -> new ArrayList<>()).add(key);
      whole.computeIfAbsent(set, _ -> new ArrayList<>()).add(key + rest + " : " + data);
    }

    private String text(String verb, boolean data) {
      StringBuilder text = new StringBuilder();
      (data ? whole : keys)
          .forEach(
              (set, elements) ->
                  text.append(
                      "%s element inet mayfly %s { %s }\n"
                          .formatted(verb, set, String.join(", ", elements))));
      return text.toString();
    }
  }
}
