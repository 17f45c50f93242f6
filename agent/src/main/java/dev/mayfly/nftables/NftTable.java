package dev.mayfly.nftables;

import dev.mayfly.linux.Errno;
import dev.mayfly.linux.Nftables;
import dev.mayfly.linux.NftablesException;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Mayfly's table {@code inet mayfly}, which all supervisors of a host share. Each method is one
 * transaction: it is in force as a whole when the method returns, or has changed nothing when it
 * throws. Safe for use by many threads.
 */
public final class NftTable {
  /** Sets whose elements go by themselves, and of which there can be very many. */
  private static final Pattern PASSING = Pattern.compile("(?:told|seen)(?:any)?[46]");

  /** The chains by which packets of sandboxes come in, and where each sends them. */
  private static final Map<String, String> WAYS =
      Map.of("input", "@hosted", "forward", "@sandboxes", "prerouting", "arrived");

  private static final Pattern PACKETS = Pattern.compile("counter packets ([0-9]+)");

  private final Nftables nft;

  public NftTable(Nftables nft) {
    this.nft = nft;
  }

  /**
   * Makes the table where there is none, and its rules where somebody took them out; sandboxes that
   * are in it are let nowhere then. One of another layout is replaced where no sandbox is in it.
   * Not to be called by two at the same time.
   *
   * @throws IOException where sandboxes are in one of another layout
   */
  public void ensure(Layout layout) throws IOException {
    List<String> chains = chains();
    if (chains.isEmpty() && !exists()) {
      nft.apply(layout.text());
    } else if (!chains.contains(layout.marker())) {
      List<String> there = tenants();
      if (!there.isEmpty()) {
        throw new IOException(
            "the table inet mayfly is of another version of Mayfly, or of another network, and"
                + " holds "
                + there
                + "; let these end first, or remove the table: nft delete table inet mayfly");
      }
      nft.apply("delete table inet mayfly\n" + layout.text());
    } else if (!isWhole()) {
      nft.apply(layout.repair());
    }
  }

  /** Whether there is a table. */
  public boolean exists() throws IOException {
    return TableJson.hasTable(nft.json("list tables"));
  }

  /** What may be at work in a table of a layout that is not known. */
  private List<String> tenants() throws IOException {
    Set<String> found = new TreeSet<>();
    for (String kind : List.of("set", "map")) {
      for (String name : TableJson.names(nft.terseJson("list " + kind + "s"), kind)) {
        if (PASSING.matcher(name).matches()) {
          continue;
        }
        if (!name.startsWith("alive_")) {
          TableJson.elements(nft.json("list " + kind + " inet mayfly " + name)).stream()
              .map(TableJson.Element::comment)
              .filter(comment -> !comment.isEmpty())
              .forEach(found::add);
        }
      }
    }
    return List.copyOf(found);
  }

  /** The names of the table's chains; none where there is no table. */
  private List<String> chains() throws IOException {
    return TableJson.names(nft.json("list chains"), "chain");
  }

  /** Base chains of the host's own firewall that drop what it does not accept, by hook. */
  public List<String> droppingChains(String hook) throws IOException {
    return TableJson.droppingChains(nft.json("list chains"), hook);
  }

  /** Removes the table with all that is in it. */
  public void remove() throws IOException {
    if (exists()) {
      nft.apply("delete table inet mayfly\n");
    }
  }

  /**
   * Which families' packets are forwarded for sandboxes only, because the host was no router
   * before.
   */
  public void close(boolean ipv4, boolean ipv6) throws IOException {
    StringBuilder text = new StringBuilder("flush set inet mayfly closed\n");
    if (ipv4) {
      text.append("add element inet mayfly closed { ipv4 }\n");
    }
    if (ipv6) {
      text.append("add element inet mayfly closed { ipv6 }\n");
    }
    nft.apply(text.toString());
  }

  /**
   * Makes a supervisor's chains, and its first sign of life.
   *
   * @param group that its packets are logged to
   */
  public void addSupervisor(Layout layout, String supervisor, int group, Duration time)
      throws IOException {
    SupervisorChains chains = new SupervisorChains(supervisor);
    nft.apply(chains.add(layout, group) + chains.beat(time));
  }

  /** The ids of the supervisors that have chains, alive or not. */
  public List<String> supervisors() throws IOException {
    return chains().stream()
        .filter(chain -> chain.startsWith("refuse_"))
        .map(chain -> chain.substring("refuse_".length()))
        .toList();
  }

  /**
   * Removes a supervisor's chains and classes.
   *
   * @throws IOException where a sandbox still uses them
   */
  public void removeSupervisor(String supervisor) throws IOException {
    SupervisorChains own = new SupervisorChains(supervisor);
    StringBuilder text = new StringBuilder();
    for (String chain : chains()) {
      if (chain.startsWith(own.classPrefix())) {
        text.append(own.removeClass(chain));
      }
    }
    nft.apply(text.append(own.remove()).toString());
  }

  /** Says that a supervisor is alive, and will be for this time. */
  public void beat(String supervisor, Duration time) throws IOException {
    nft.apply(new SupervisorChains(supervisor).beat(time));
  }

  public void addClass(String supervisor, int number, ClassRules rules) throws IOException {
    nft.apply(new SupervisorChains(supervisor).addClass(number, rules));
  }

  public void removeClass(String supervisor, int number) throws IOException {
    SupervisorChains own = new SupervisorChains(supervisor);
    nft.apply(own.removeClass(own.classChain(number)));
  }

  public void arm(Arming arming) throws IOException {
    nft.apply(Elements.arm(arming));
  }

  /** Undoes {@link #arm}, and closes the pinholes that were opened. */
  public void disarm(Arming arming, List<Pinhole> opened) throws IOException {
    try {
      nft.apply(Elements.disarm(arming) + Elements.close(arming.device(), opened));
    } catch (NftablesException e) {
      if (!e.says(Errno.ENOENT)) {
        throw e;
      }
      sweep(Set.of(arming.device()));
    }
  }

  /** Opens or renews pinholes of a sandbox. */
  public void open(String device, List<Pinhole.Change> changes) throws IOException {
    nft.apply(Elements.open(device, changes));
  }

  /** Closes pinholes of a sandbox, whether they ran out or not. */
  public void shut(String device, List<Pinhole> opened) throws IOException {
    nft.apply(Elements.close(device, opened));
  }

  /** Who is armed: the sandboxes' ids by their devices. */
  public Map<String, String> armed() throws IOException {
    Map<String, String> armed = new HashMap<>();
    for (String set : List.of("links4", "sandboxes")) {
      String kind = set.equals("links4") ? "set" : "map";
      for (TableJson.Element element :
          TableJson.elements(nft.json("list %s inet mayfly %s".formatted(kind, set)))) {
        armed.put(element.device(), element.comment());
      }
    }
    return armed;
  }

  /**
   * Whether the rules are there that packets of sandboxes have to pass. Somebody who flushes the
   * table takes them away, and leaves its sets.
   */
  public boolean isWhole() throws IOException {
    for (Map.Entry<String, String> way : WAYS.entrySet()) {
      if (!nft.terseJson("list chain inet mayfly " + way.getKey())
          .toString()
          .contains('"' + way.getValue() + '"')) {
        return false;
      }
    }
    return true;
  }

  /** Removes all elements of devices, whoever made them. Takes as long as the table is large. */
  public void sweep(Set<String> devices) throws IOException {
    if (devices.isEmpty()) {
      return;
    }
    StringBuilder text = new StringBuilder();
    for (String kind : List.of("set", "map")) {
      for (String name : TableJson.names(nft.terseJson("list " + kind + "s"), kind)) {
        if (PASSING.matcher(name).matches()) {
          continue;
        }
        List<String> keys =
            TableJson.elements(nft.json("list %s inet mayfly %s".formatted(kind, name))).stream()
                .filter(element -> devices.contains(element.device()))
                .map(TableJson.Element::text)
                .toList();
        if (!keys.isEmpty()) {
          text.append(
              "delete element inet mayfly %s { %s }\n".formatted(name, String.join(", ", keys)));
        }
      }
    }
    for (String quota : TableJson.names(nft.json("list quotas"), "quota")) {
      if (devices.stream().anyMatch(device -> quota.startsWith(Elements.budgets(device)))) {
        text.append("delete quota inet mayfly %s\n".formatted(quota));
      }
    }
    nft.apply(text.toString());
  }

  /**
   * What was counted of a sandbox.
   *
   * @param refused packets that were refused
   * @param untold those of them that were not logged, nor an equal one shortly before
   * @param unseen connections that were let through and not logged
   */
  public record Counts(long refused, long untold, long unseen) {}

  public Counts counts(String device) throws IOException {
    return new Counts(count("refused", device), count("untold", device), count("unseen", device));
  }

  private long count(String set, String device) throws IOException {
    // libnftables 1.0.6 gets single elements as text only.
    Matcher counter =
        PACKETS.matcher(
            nft.text("get element inet mayfly %s { %s }".formatted(set, Elements.quote(device))));
    if (!counter.find()) {
      throw new IOException("the counter " + set + " of " + device + " can't be read");
    }
    return Long.parseLong(counter.group(1));
  }

  /** Bytes that a sandbox has sent by a rule that has a budget. */
  public long used(String device, int rule) throws IOException {
    return TableJson.used(nft.json("list quota inet mayfly " + Elements.budget(device, rule)))
        .orElseThrow(() -> new IOException("the budget of rule " + rule + " can't be read"));
  }
}
