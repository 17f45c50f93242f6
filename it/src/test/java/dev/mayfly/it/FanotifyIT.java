package dev.mayfly.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.mayfly.event.Event.Changed.Change;
import dev.mayfly.event.FileIdentity;
import dev.mayfly.linux.Fanotify;
import dev.mayfly.linux.LoopDevice;
import dev.mayfly.monitor.DiskWatch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What fanotify tells of a sandbox's disk, of what is done through an overlay above it. */
class FanotifyIT {
  private final Path directory;
  private DiskBed bed;

  FanotifyIT(@TempDir Path directory) {
    this.directory = directory;
  }

  private record Seen(int pid, String what, FileIdentity file) {}

  @BeforeEach
  void make() {
    bed = DiskBed.make(directory, "256M");
  }

  @AfterEach
  void leaveNothing() throws IOException {
    bed.close();
    assertThat(LoopDevice.list()).noneMatch(l -> l.backing().startsWith(directory.toString()));
  }

  /** Keeps what is seen until somebody asks. */
  private static final class Seer implements DiskWatch.Listener {
    private static final String END = "CREATE /workspace/end-of-";

    private final BlockingQueue<Seen> seen = new LinkedBlockingQueue<>();
    private int ends;

    @Override
    public void changed(
        int pid, Change change, FileIdentity file, String path, Optional<String> from) {
      seen.add(new Seen(pid, change + " " + path + from.map(f -> " < " + f).orElse(""), file));
    }

    @Override
    public void lost(String what, long count) {
      seen.add(new Seen(0, "LOST " + count + " " + what, FileIdentity.UNKNOWN));
    }

    /** All that was seen of what was done until now. */
    List<Seen> all(DiskBed bed) throws InterruptedException {
      String end = END + ++ends;
      bed.run(": > workspace/end-of-" + ends);
      List<Seen> all = new ArrayList<>();
      while (true) {
        Seen next = seen.poll(20, TimeUnit.SECONDS);
        if (next == null) {
          throw new AssertionError("never seen: " + end + ", but " + all);
        }
        if (next.what().equals(end)) {
          return all;
        }
        all.add(next);
      }
    }

    List<String> told(DiskBed bed) throws InterruptedException {
      return all(bed).stream().map(Seen::what).toList();
    }
  }

  /** What is told of each step, all of it before the next one is done. */
  private List<String> told(Fanotify.Detail detail, String... steps)
      throws IOException, InterruptedException {
    Seer seer = new Seer();
    List<String> told = new ArrayList<>();
    try (DiskWatch _ = DiskWatch.start(bed.disk(path -> true), seer, detail)) {
      for (String step : steps) {
        bed.run(step);
        told.addAll(seer.told(bed));
      }
    }
    return told;
  }

  private List<String> told(String script) throws IOException, InterruptedException {
    return told(Fanotify.Detail.WHOLE, script);
  }

  @ParameterizedTest
  @EnumSource
  void tellsWhatAProcessDoesToNames(Fanotify.Detail detail)
      throws IOException, InterruptedException {
    assertThat(
            told(
                detail,
                ": > new; mkdir made; ln -s /x link; mkfifo pipe",
                "ln new hard; mv made moved",
                "mv new renamed; rmdir moved",
                "chmod 600 renamed; : > etc/cron.d/job",
                "rm renamed; : > workspace/a; mkdir workspace/d",
                "mv workspace/a workspace/d/b",
                "rm workspace/d/b; rmdir workspace/d"))
        .containsExactly(
            "CREATE /new",
            "CREATE /made",
            "SYMLINK /link < /x",
            "CREATE /pipe",
            "LINK /hard",
            "RENAME /moved < /made",
            "RENAME /renamed < /new",
            "UNLINK /moved",
            "CHMOD /renamed",
            "CREATE /etc/cron.d/job",
            "UNLINK /renamed",
            "CREATE /workspace/a",
            "CREATE /workspace/d",
            "RENAME /workspace/d/b < /workspace/a",
            "UNLINK /workspace/d/b",
            "UNLINK /workspace/d");
  }

  @Test
  void tellsNothingOfWhatOverlayfsDoesForAProcess() throws IOException, InterruptedException {
    assertThat(
            told(
                """
                echo more >> file1; chmod 600 file2; chown 5 file3; mv file4 etc/moved
                ln file5 hard; touch -h symbolic; : > dir/deep/file
                """))
        .containsExactly(
            "CHMOD /file2",
            "CHMOD /file3",
            "RENAME /etc/moved < /file4",
            "LINK /hard",
            "CHMOD /symbolic",
            "CREATE /dir/deep/file");
  }

  @Test
  void tellsModesOfDirectoriesButNotOverlayfssOwnAttributes()
      throws IOException, InterruptedException {
    Seer seer = new Seer();
    try (DiskWatch _ = DiskWatch.start(bed.disk(path -> true), seer)) {
      bed.run("mkdir made; chmod 700 made gone; chmod 700 workspace");
      assertThat(seer.told(bed))
          .contains("CREATE /made", "CHMOD /made", "CHMOD /workspace")
          .isSubsetOf("CREATE /made", "CHMOD /made", "CHMOD /workspace", "CHMOD /gone");
      bed.run("chmod 711 gone");
      assertThat(seer.told(bed)).containsExactly("CHMOD /gone");
      bed.run("echo >> gone/inside; mv made gone/made");
      assertThat(seer.told(bed)).containsExactly("RENAME /gone/made < /made");
    }
  }

  @Test
  void tellsRenamesWhoseNamesComeApart() throws IOException, InterruptedException {
    assertThat(told(Fanotify.Detail.NAMES, "mv file4 etc/moved", ": > a; mv a b; mv b c"))
        .contains("RENAME /etc/moved < /file4", "RENAME /b < /a", "RENAME /c < /b")
        .doesNotContain("UNLINK /file4");
  }

  @Test
  void tellsWhatIsMadeOverWhiteoutsAndWhatBecomesOne() throws IOException, InterruptedException {
    assertThat(
            told(
                """
                rm file1; : > file1; rm file2; mkdir file2; rm file3; ln -s /y file3
                rm file4; : > kept; ln kept file4; rm file5; mkdir made; mv -T made file5
                rm file6; : > other; mv other file6; : > over; mv over file7
                rm -r gone; mkdir gone; echo >> file8; rm file8
                """))
        .containsExactly(
            "UNLINK /file1",
            "CREATE /file1",
            "UNLINK /file2",
            "CREATE /file2",
            "UNLINK /file3",
            "SYMLINK /file3 < /y",
            "UNLINK /file4",
            "CREATE /kept",
            "LINK /file4",
            "UNLINK /file5",
            "CREATE /made",
            "RENAME /file5 < /made",
            "UNLINK /file6",
            "CREATE /other",
            "RENAME /file6 < /other",
            "CREATE /over",
            "RENAME /file7 < /over",
            "UNLINK /gone/inside",
            "UNLINK /gone",
            "CREATE /gone",
            "UNLINK /file8");
  }

  @Test
  void tellsWhoDidItAndToWhichFile() throws IOException, InterruptedException {
    Seer seer = new Seer();
    try (DiskWatch _ = DiskWatch.start(bed.disk(path -> true), seer)) {
      long first = bed.run(": > one");
      long second = bed.run(": > two");
      List<Seen> all = seer.all(bed);
      assertThat(all).extracting(Seen::pid).containsExactly((int) first, (int) second);
      long inode = (Long) Files.getAttribute(bed.inside("disk/container/diff/one"), "unix:ino");
      assertThat(all.getFirst().file().inode()).isEqualTo(inode);
      assertThat(all.getFirst().file().links()).isEqualTo(1);
    }
  }

  @Test
  void followsDirectoriesThatAreRenamed() throws IOException, InterruptedException {
    assertThat(
            told(
                """
                mkdir -p workspace/a/b/c; mv workspace/a workspace/z; mv workspace/z workspace/a; mv workspace/a workspace/z; mv workspace/z workspace/y
                : > workspace/y/b/c/g; rm -r workspace/y
                """))
        .contains(
            "RENAME /workspace/z < /workspace/a",
            "CREATE /workspace/y/b/c/g",
            "UNLINK /workspace/y/b/c/g",
            "UNLINK /workspace/y")
        .filteredOn(told -> told.endsWith("/g"))
        .hasSize(2);
  }

  @Test
  void namesWhatIsNoText() throws IOException, InterruptedException {
    assertThat(told("n=$(printf 'a\\377\\nb\\303\\244'); : > \"$n\""))
        .containsExactly("CREATE /a\\xff\nb\u00e4");
  }

  @Test
  void asksWhatToTell() throws IOException, InterruptedException {
    Seer seer = new Seer();
    try (DiskWatch _ =
        DiskWatch.start(
            bed.disk(p -> p.startsWith("/etc/cron.d/") || p.startsWith("/workspace/end")), seer)) {
      bed.run(": > etc/passwd; : > x; mv x etc/cron.d/x; mv etc/cron.d/x y; rm y");
      assertThat(seer.told(bed))
          .containsExactly("RENAME /etc/cron.d/x < /x", "RENAME /y < /etc/cron.d/x");
    }
  }

  @Test
  void tellsWhatItLost() throws IOException, InterruptedException {
    Seer seer = new Seer();
    Object busy = new Object();
    DiskWatch.Disk disk =
        bed.disk(
            path -> {
              synchronized (busy) {
                return path.startsWith("/workspace/end");
              }
            });
    try (DiskWatch _ = DiskWatch.start(disk, seer)) {
      synchronized (busy) {
        bed.run("cd workspace; for i in $(seq 40000); do : > $i; done");
      }
      Seen lost = seer.seen.poll(20, TimeUnit.SECONDS);
      assertThat(lost).extracting(Seen::what).asString().startsWith("LOST 1 changes of names");
      assertThat(seer.told(bed)).isEmpty();
      bed.run(": > workspace/end-but-one");
      assertThat(seer.told(bed)).containsExactly("CREATE /workspace/end-but-one");
    }
  }

  @Test
  void tellsWhatWasDoneBeforeItsEnd() throws IOException {
    Seer seer = new Seer();
    try (DiskWatch _ = DiskWatch.start(bed.disk(path -> true), seer)) {
      bed.run("for i in $(seq 1000); do : > workspace/$i; done");
    }
    assertThat(seer.seen).hasSize(1000);
  }
}
