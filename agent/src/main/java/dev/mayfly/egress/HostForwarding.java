package dev.mayfly.egress;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The host's settings for forwarding packets (Documentation/networking/ip-sysctl). What they were
 * before is kept in a file. To be used under the lock of the network alone.
 */
final class HostForwarding {
  private static final Path SETTINGS = Path.of("/proc/sys/net");
  private static final String IPV4 = "ipv4/ip_forward";
  private static final String IPV6 = "ipv6/conf/all/forwarding";
  private static final String ON = "1";

  /** Accept router advertisements although packets are forwarded. */
  private static final String EVEN_IF_FORWARDING = "2";

  private final Path remembered;

  HostForwarding(Path remembered) {
    this.remembered = remembered;
  }

  static boolean hasIpv6() {
    return Files.exists(SETTINGS.resolve(IPV6));
  }

  /** Turns forwarding on, and remembers what that changes. Does nothing where it was on. */
  void enable() throws IOException {
    Map<String, String> before = load();
    Map<String, String> changes = new LinkedHashMap<>();
    if (!read(IPV4).equals(ON)) {
      // Writing it changes these too.
      before.putIfAbsent(IPV4, read(IPV4));
      keep(before, "ipv4", "forwarding");
      keep(before, "ipv4", "accept_redirects");
      changes.put(IPV4, ON);
    }
    if (hasIpv6() && !read(IPV6).equals(ON)) {
      before.putIfAbsent(IPV6, read(IPV6));
      keep(before, "ipv6", "forwarding");
      // A host that learns its routes from its router must go on to do so.
      for (String setting : ofDevices("ipv6", "accept_ra")) {
        if (read(setting).equals(ON)) {
          before.putIfAbsent(setting, ON);
          changes.put(setting, EVEN_IF_FORWARDING);
        }
      }
      changes.put(IPV6, ON);
    }
    if (!changes.isEmpty()) {
      save(before);
      for (Map.Entry<String, String> change : changes.entrySet()) {
        write(change.getKey(), change.getValue());
      }
    }
  }

  /** Whether the host forwards IPv4 packets for Mayfly alone, or will once that is enabled. */
  boolean closedIpv4() throws IOException {
    return load().containsKey(IPV4) || !read(IPV4).equals(ON);
  }

  boolean closedIpv6() throws IOException {
    return load().containsKey(IPV6) || !hasIpv6() || !read(IPV6).equals(ON);
  }

  /** Puts everything back as it was. Devices that are gone are left out. */
  void restore() throws IOException {
    Map<String, String> before = load();
    // First the ones that change others.
    for (String first : List.of(IPV4, IPV6)) {
      if (before.containsKey(first)) {
        write(first, before.get(first));
      }
    }
    for (Map.Entry<String, String> setting : before.entrySet()) {
      try {
        if (!read(setting.getKey()).equals(setting.getValue())) {
          write(setting.getKey(), setting.getValue());
        }
      } catch (NoSuchFileException _) {
        // A device that is gone.
      }
    }
    Files.deleteIfExists(remembered);
  }

  private static void keep(Map<String, String> before, String family, String name)
      throws IOException {
    for (String setting : ofDevices(family, name)) {
      before.putIfAbsent(setting, read(setting));
    }
  }

  /** Of all devices but the sandboxes' own, and of those to come. */
  private static List<String> ofDevices(String family, String name) throws IOException {
    List<String> settings = new ArrayList<>();
    try (Stream<Path> devices = Files.list(SETTINGS.resolve(family).resolve("conf"))) {
      for (Path device : devices.sorted().toList()) {
        String own = device.getFileName().toString();
        if (!own.equals(NetworkPlan.GATEWAY_DEVICE) && NetworkPlan.number(own).isEmpty()) {
          settings.add(family + "/conf/" + own + "/" + name);
        }
      }
    }
    return settings;
  }

  private Map<String, String> load() throws IOException {
    Map<String, String> settings = new LinkedHashMap<>();
    if (Files.exists(remembered)) {
      for (String line : Files.readAllLines(remembered)) {
        int equals = line.indexOf('=');
        if (equals > 0) {
          settings.put(line.substring(0, equals), line.substring(equals + 1));
        }
      }
    }
    return settings;
  }

  /** Whole, or not at all. */
  private void save(Map<String, String> settings) throws IOException {
    Path next = remembered.resolveSibling(remembered.getFileName() + ".new");
    Files.write(
        next, settings.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
    Files.move(
        next, remembered, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  static String read(String setting) throws IOException {
    return Files.readString(SETTINGS.resolve(setting)).strip();
  }

  /** In the network name space of the calling thread. */
  static void write(String setting, String value) throws IOException {
    Files.writeString(SETTINGS.resolve(setting), value + "\n");
  }

  /** As {@link #write}, where the kernel has the setting. */
  static void writeIfThere(String setting, String value) throws IOException {
    if (Files.exists(SETTINGS.resolve(setting))) {
      write(setting, value);
    }
  }
}
