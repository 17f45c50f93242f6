package dev.mayfly.sandbox;

import dev.mayfly.policy.Identity;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * An image's {@code /etc/passwd} and {@code /etc/group} (passwd(5), group(5)), read before anything
 * ran in it. Lines that are not of the form are passed over, as the C library does.
 */
final class UserDatabase {
  /** Ids above this are not mapped in an engine's user name space. */
  private static final int MAX_ID = 65_535;

  private final List<User> users;
  private final List<Group> groups;

  private UserDatabase(List<User> users, List<Group> groups) {
    this.users = users;
    this.groups = groups;
  }

  private record User(String name, int uid, int gid, String home) {}

  private record Group(String name, int gid, List<String> members) {}

  static UserDatabase parse(String passwd, String group) {
    List<User> users = new ArrayList<>();
    for (String line : lines(passwd)) {
      String[] fields = line.split(":", -1);
      if (fields.length >= 7 && id(fields[2]).isPresent() && id(fields[3]).isPresent()) {
        users.add(
            new User(fields[0], id(fields[2]).getAsInt(), id(fields[3]).getAsInt(), fields[5]));
      }
    }
    List<Group> groups = new ArrayList<>();
    for (String line : lines(group)) {
      String[] fields = line.split(":", -1);
      if (fields.length >= 4 && id(fields[2]).isPresent()) {
        groups.add(
            new Group(fields[0], id(fields[2]).getAsInt(), Arrays.asList(fields[3].split(","))));
      }
    }
    return new UserDatabase(List.copyOf(users), List.copyOf(groups));
  }

  /** Those without control characters: a home with a NUL in it would be no variable's value. */
  private static List<String> lines(String text) {
    return Arrays.stream(text.split("\n"))
        .filter(line -> line.chars().noneMatch(Character::isISOControl))
        .toList();
  }

  private static OptionalInt id(String text) {
    if (!text.matches("[0-9]{1,9}")) {
      return OptionalInt.empty();
    }
    int value = Integer.parseInt(text);
    return value <= MAX_ID ? OptionalInt.of(value) : OptionalInt.empty();
  }

  /** Whether the image knows a user with this uid. */
  boolean knows(int uid) {
    return users.stream().anyMatch(user -> user.uid() == uid);
  }

  /**
   * Finds out whom an identity means.
   *
   * @param imageUser what the image names, {@code user[:group]}; root where it names no user
   * @return empty where the image names a user or group that its files lack
   */
  Optional<JobUser> resolve(Identity identity, String imageUser) {
    return switch (identity) {
      case ROOT -> Optional.of(root());
      case USER -> Optional.of(byUid(JobUser.UID, JobUser.NAME, JobUser.HOME));
      case IMAGE -> named(imageUser);
    };
  }

  private JobUser root() {
    return byUid(0, "root", "/root");
  }

  private JobUser byUid(int uid, String name, String home) {
    return users.stream()
        .filter(user -> user.uid() == uid)
        .findFirst()
        .map(this::jobUser)
        .orElseGet(() -> new JobUser(name, uid, uid, List.of(), home));
  }

  private JobUser jobUser(User user) {
    List<Integer> supplementary =
        groups.stream()
            .filter(group -> group.members().contains(user.name()))
            .map(Group::gid)
            .limit(64)
            .toList();
    String home = user.home().startsWith("/") ? user.home() : "/";
    return new JobUser(user.name(), user.uid(), user.gid(), supplementary, home);
  }

  private Optional<JobUser> named(String imageUser) {
    String[] parts = imageUser.split(":", 2);
    Optional<JobUser> user =
        parts[0].isEmpty() ? Optional.of(root()) : named(parts[0], id(parts[0]));
    if (parts.length == 1 || parts[1].isEmpty() || user.isEmpty()) {
      return user;
    }
    Optional<Integer> gid =
        id(parts[1]).isPresent()
            ? Optional.of(id(parts[1]).getAsInt())
            : groups.stream().filter(g -> g.name().equals(parts[1])).findFirst().map(Group::gid);
    return gid.map(
        g -> new JobUser(user.get().name(), user.get().uid(), g, List.of(), user.get().home()));
  }

  private Optional<JobUser> named(String name, OptionalInt number) {
    return number.isPresent()
        ? Optional.of(byNumber(number.getAsInt()))
        : users.stream().filter(user -> user.name().equals(name)).findFirst().map(this::jobUser);
  }

  /** A number that the image knows no name for has gid 0 and home {@code /}, as engines have it. */
  private JobUser byNumber(int uid) {
    return knows(uid)
        ? byUid(uid, "", "/")
        : new JobUser(Integer.toString(uid), uid, 0, List.of(), "/");
  }
}
