package dev.mayfly.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.policy.Identity;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UserDatabaseTest {
  private static final long SEED = 20_261_101L;
  private static final UserDatabase DEBIAN =
      UserDatabase.parse(
          """
          root:x:0:0:root:/root:/bin/bash
          daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
          app:x:1000:1000:An App,,,:/home/app:/bin/bash
          builder:x:1002:50::/build:/bin/sh
          """,
          """
          root:x:0:
          daemon:x:1:
          staff:x:50:app,builder
          docker:x:999:app
          app:x:1000:
          """);
  private static final UserDatabase EMPTY = UserDatabase.parse("", "");

  private static Optional<JobUser> image(UserDatabase users, String imageUser) {
    return users.resolve(Identity.IMAGE, imageUser);
  }

  @Test
  void findsTheImagesUserByNameAndNumber() {
    JobUser app = new JobUser("app", 1000, 1000, List.of(50, 999), "/home/app");
    assertThat(image(DEBIAN, "app")).contains(app);
    assertThat(image(DEBIAN, "1000")).contains(app);
    assertThat(image(DEBIAN, "app:")).contains(app);
    JobUser builder = new JobUser("builder", 1002, 50, List.of(50), "/build");
    assertThat(image(DEBIAN, "builder")).contains(builder);
  }

  @Test
  void takesRootWhereTheImageNamesNobody() {
    JobUser root = new JobUser("root", 0, 0, List.of(), "/root");
    for (String user : List.of("", ":", "root", "0")) {
      assertThat(image(DEBIAN, user)).as(user).contains(root);
    }
    assertThat(image(EMPTY, "")).contains(root);
    assertThat(image(DEBIAN, ":50")).contains(new JobUser("root", 0, 50, List.of(), "/root"));
  }

  /** As engines have it: who names a group gets that one and no other. */
  @Test
  void takesTheGroupThatIsNamedAndNoOther() {
    JobUser inDocker = new JobUser("app", 1000, 999, List.of(), "/home/app");
    assertThat(image(DEBIAN, "app:docker")).contains(inDocker);
    assertThat(image(DEBIAN, "app:999")).contains(inDocker);
    assertThat(image(DEBIAN, "1000:docker")).contains(inDocker);
    assertThat(image(DEBIAN, "app:4242")).map(JobUser::gid).contains(4242);
  }

  @Test
  void givesANumberWithoutANameGroupZeroAndNoHome() {
    assertThat(image(DEBIAN, "4711")).contains(new JobUser("4711", 4711, 0, List.of(), "/"));
    assertThat(image(EMPTY, "65535:7")).contains(new JobUser("65535", 65_535, 7, List.of(), "/"));
    assertThat(DEBIAN.knows(4711)).isFalse();
    assertThat(DEBIAN.knows(1000)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nobody",
        "APP",
        " app",
        "app ",
        "app:nogroup",
        "app:staff:docker",
        "-1",
        "+0",
        "0x0",
        "65536",
        "4294967295",
        "4294967296",
        "99999999999999999999",
        "app:65536",
        "app:-1",
        "٠",
        "ro\0ot"
      })
  void knowsNobodyOfThatName(String imageUser) {
    assertThat(image(DEBIAN, imageUser)).isEmpty();
  }

  @Test
  void passesOverLinesThatAreNotOfTheForm() {
    String[] lines = {
      "",
      "root",
      "root:x:0:0:too:few",
      "a:x::0::/a:/bin/sh",
      "a:x:0:::/a:/bin/sh",
      "a:x:-1:0::/a:/bin/sh",
      "a:x:0:-1::/a:/bin/sh",
      "a:x:zero:0::/a:/bin/sh",
      "a:x: 0:0::/a:/bin/sh",
      "a:x:0x0:0::/a:/bin/sh",
      "a:x:65536:0::/a:/bin/sh",
      "a:x:4294967296:0::/a:/bin/sh",
      "a:x:99999999999999999999:0::/a:/bin/sh",
      "a:x:0:65536::/a:/bin/sh",
      "a:x:٠:٠::/a:/bin/sh",
      "a:x:0:0::/a\0b:/bin/sh",
      "a:x:0:0::/a\rb:x:0:0::/:/bin/sh",
      "a:x:0:0::/\u001b[2J:/bin/sh"
    };
    UserDatabase users = UserDatabase.parse(String.join("\n", lines), "");
    assertThat(users.knows(0)).isFalse();
    assertThat(image(users, "a")).isEmpty();
    assertThat(image(users, "")).contains(new JobUser("root", 0, 0, List.of(), "/root"));
    UserDatabase groups =
        UserDatabase.parse(
            "app:x:5:5::/:/bin/sh", "g:x:7\ng:x:-7:app\ng:x::app\ng:x:70000:app\ng:x:7\0:app\n:::");
    assertThat(image(groups, "app")).map(JobUser::groups).contains(List.of());
    assertThat(image(groups, "app:g")).isEmpty();
  }

  /** As getpwuid(3) and getpwnam(3). */
  @Test
  void takesTheFirstOfSeveral() {
    UserDatabase users =
        UserDatabase.parse(
            "a:x:5:1::/one:/bin/sh\nb:x:5:2::/two:/bin/sh\na:x:0:0::/three:/bin/sh\n",
            "g:x:8:\ng:x:9:\n");
    assertThat(image(users, "5")).map(JobUser::home).contains("/one");
    assertThat(image(users, "a")).map(JobUser::uid).contains(5);
    assertThat(image(users, "a:g")).map(JobUser::gid).contains(8);
  }

  /** So nobody can be called by another's number. */
  @Test
  void takesDigitsForANumberAlsoWhereAUserHasThemForAName() {
    UserDatabase users = UserDatabase.parse("1000:x:0:0::/root:/bin/sh\n", "50:x:0:\n");
    assertThat(image(users, "1000")).contains(new JobUser("1000", 1000, 0, List.of(), "/"));
    assertThat(image(users, "1000:50")).map(JobUser::gid).contains(50);
  }

  @Test
  void makesNoHomeOfWhatIsNotAnAbsolutePath() {
    UserDatabase users =
        UserDatabase.parse("a:x:5:5:::/bin/sh\nb:x:6:6::home/b:/bin/sh\nc:x:7:7::/c:/bin/sh", "");
    assertThat(List.of("a", "b", "c"))
        .map(name -> image(users, name).orElseThrow().home())
        .containsExactly("/", "/", "/c");
  }

  @Test
  void boundsTheSupplementaryGroups() {
    String groups =
        IntStream.range(1, 5000)
            .mapToObj(i -> "g" + i + ":x:" + i + ":app,app,other")
            .collect(Collectors.joining("\n"));
    UserDatabase users = UserDatabase.parse("app:x:5:5::/:/bin/sh\n", groups);
    assertThat(image(users, "app").orElseThrow().groups()).hasSize(64).startsWith(1, 2, 3);
  }

  @Test
  void givesTheIdentityUserAHomeAndANameOfItsOwnUnlessTheImageHasOne() {
    assertThat(DEBIAN.resolve(Identity.USER, "root"))
        .contains(new JobUser("job", 1001, 1001, List.of(), "/home/job"));
    UserDatabase runner = UserDatabase.parse("runner:x:1001:1001::/home/runner:/bin/sh\n", "");
    assertThat(runner.resolve(Identity.USER, ""))
        .contains(new JobUser("runner", 1001, 1001, List.of(), "/home/runner"));
  }

  @Test
  void givesTheIdentityRootTheImagesRoot() {
    assertThat(EMPTY.resolve(Identity.ROOT, "app"))
        .contains(new JobUser("root", 0, 0, List.of(), "/root"));
    UserDatabase other = UserDatabase.parse("admin:x:0:0::/admin:/bin/sh\n", "");
    assertThat(other.resolve(Identity.ROOT, ""))
        .contains(new JobUser("admin", 0, 0, List.of(), "/admin"));
  }

  @Test
  void readsAnyTextAndFindsOnlyWhatACommandCanRunAs() {
    Random random = new Random(SEED);
    String[] pieces = {
      "root", "a", ":", ":", ":", "x", "0", "5", "1001", "70000", "-1", "/", "\n", "\n", "\0", "\r",
      ",", "é", "\ud800", " "
    };
    for (int round = 0; round < 5_000; round++) {
      String passwd = text(random, pieces);
      String group = text(random, pieces);
      UserDatabase users = UserDatabase.parse(passwd, group);
      List<JobUser> found = new ArrayList<>();
      for (String user : List.of("", "root", "a", "0", "5", "a:a", "5:a", text(random, pieces))) {
        users.resolve(Identity.IMAGE, user).ifPresent(found::add);
      }
      users.resolve(Identity.USER, "").ifPresent(found::add);
      users.resolve(Identity.ROOT, "").ifPresent(found::add);
      assertThat(found)
          .as("seed %d, round %d", SEED, round)
          .allSatisfy(
              user -> {
                assertThat(user.uid()).isBetween(0, 65_535);
                assertThat(user.gid()).isBetween(0, 65_535);
                assertThat(user.home()).startsWith("/").doesNotContain("\0", "\n");
                assertThat(user.groups()).hasSizeLessThanOrEqualTo(64);
              });
    }
  }

  private static String text(Random random, String[] pieces) {
    return IntStream.range(0, random.nextInt(60))
        .mapToObj(i -> pieces[random.nextInt(pieces.length)])
        .collect(Collectors.joining());
  }

  @Test
  void copiesTheGroupsOfAJobUser() {
    List<Integer> groups = new ArrayList<>(List.of(1));
    JobUser user = new JobUser("a", 1, 1, groups, "/");
    groups.add(2);
    assertThat(user.groups()).containsExactly(1);
    assertThatThrownBy(() -> user.groups().add(3))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void readsFilesOfAMegabyte() {
    String line = "a:x:5:5::/:/bin/sh\n";
    assertThatCode(() -> UserDatabase.parse(line.repeat(50_000), ":".repeat(1 << 20)))
        .doesNotThrowAnyException();
  }
}
