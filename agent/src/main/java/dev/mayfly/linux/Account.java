package dev.mayfly.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
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

  /** A number that no account should have, always the same for a purpose. */
  public static Account without(String purpose) {
    CRC32 sum = new CRC32();
    sum.update(purpose.getBytes(StandardCharsets.UTF_8));
    int number = FIRST_DYNAMIC + (int) (sum.getValue() % (LAST_DYNAMIC - FIRST_DYNAMIC + 1));
    return new Account(Integer.toString(number), number, number);
  }
}
