package dev.mayfly.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32;

/**
 * Somebody on this host that programs run as.
 *
 * @param name of the account; where there is none, the number
 */
public record Account(String name, int uid, int gid) {
  private static final Path PASSWD = Path.of("/etc/passwd");

  /**
   * What systemd takes for users that exist while a service runs (DynamicUser, systemd.exec(5)).
   */
  private static final int FIRST_DYNAMIC = 61184;

  private static final int LAST_DYNAMIC = 65519;

  /** The account of this name among those of passwd(5). */
  public static Optional<Account> named(String name) throws IOException {
    for (String line : Files.readAllLines(PASSWD, StandardCharsets.ISO_8859_1)) {
      String[] fields = line.split(":", -1);
      if (fields.length >= 4 && fields[0].equals(name)) {
        try {
          return Optional.of(
              new Account(name, Integer.parseInt(fields[2]), Integer.parseInt(fields[3])));
        } catch (NumberFormatException e) {
          throw new IOException("account " + name + " has no numbers in " + PASSWD, e);
        }
      }
    }
    return Optional.empty();
  }

  static boolean isTaken(int number) {
    return LibC.getpwuid(number) != null || LibC.getgrgid(number) != null;
  }

  /**
   * A number that neither an account nor a group has, as far as this host's name services tell
   * (nsswitch.conf(5)). The same for the same purpose while the same numbers are taken.
   *
   * @param taken numbers that somebody else has
   * @throws IOException where all are
   */
  public static Account without(String purpose, Set<Integer> taken) throws IOException {
    CRC32 sum = new CRC32();
    sum.update(purpose.getBytes(StandardCharsets.UTF_8));
    int numbers = LAST_DYNAMIC - FIRST_DYNAMIC + 1;
    for (int i = 0; i < numbers; i++) {
      int number = FIRST_DYNAMIC + (int) ((sum.getValue() + i) % numbers);
      if (!taken.contains(number) && !isTaken(number)) {
        return new Account(Integer.toString(number), number, number);
      }
    }
    throw new IOException(
        "every number from "
            + FIRST_DYNAMIC
            + " to "
            + LAST_DYNAMIC
            + " is taken: give "
            + purpose
            + " an account of its own");
  }
}
