package dev.mayfly.bpf;

import dev.mayfly.event.Event.Called.Abi;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The names of the system calls that the monitor tells of, by their numbers on one machine. */
public final class SystemCalls {
  private static final String TABLE = "system-calls.txt";
  private static final String NONE = "-";
  private static final int X86_64 = 1;
  private static final int I386 = 2;
  private static final int ARM64 = 3;

  private final Map<Integer, String> own;
  private final Map<Integer, String> compat;

  private SystemCalls(Map<Integer, String> own, Map<Integer, String> compat) {
    this.own = Map.copyOf(own);
    this.compat = Map.copyOf(compat);
  }

  public static SystemCalls ofThisMachine() {
    return of(System.getProperty("os.arch", ""));
  }

  /**
   * Those of a machine.
   *
   * @param machine as Java calls it, such as {@code amd64}
   */
  static SystemCalls of(String machine) {
    List<String> table = table();
    return machine.equals("aarch64")
        ? new SystemCalls(column(table, ARM64), Map.of())
        : new SystemCalls(column(table, X86_64), column(table, I386));
  }

  static List<String> table() {
    try (InputStream file = SystemCalls.class.getResourceAsStream(TABLE)) {
      if (file == null) {
        throw new IllegalStateException(TABLE + " is not in this package");
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<Integer, String> column(List<String> table, int which) {
    Map<Integer, String> names = new HashMap<>();
    for (String line : table) {
      String[] fields = line.split(" ");
      if (!fields[which].equals(NONE)) {
        for (String number : fields[which].split(",")) {
          names.put(Integer.parseInt(number), fields[0]);
        }
      }
    }
    return names;
  }

  /** The call's name, or {@code #N} of one that is not in the table. */
  String name(int number, Abi abi) {
    String name = (abi == Abi.COMPAT ? compat : own).get(number);
    return name != null ? name : "#" + Integer.toUnsignedString(number);
  }
}
