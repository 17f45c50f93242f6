package dev.mayfly.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.mayfly.event.Actor;
import dev.mayfly.event.Event;
import dev.mayfly.event.Observation;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ObservationJsonTest {
  private static final long SEED = 20_261_127;

  /** Whatever component an event gets is in here by itself. */
  @ParameterizedTest
  @EnumSource
  void readsWhatItWrote(EventKind kind) throws Exception {
    Random random = new Random(SEED);
    for (int i = 0; i < 500; i++) {
      Observation observation =
          new Observation((Event) any(kind.type(), random, 0), (Actor) any(Actor.class, random, 0));
      String line = ObservationJson.write(observation);
      assertThat(line).doesNotContainPattern("[^ -\\x7f]");
      assertThat(ObservationJson.read(line)).isEqualTo(observation);
    }
  }

  private static Object any(Type type, Random random, int depth) throws Exception {
    if (type instanceof ParameterizedType generic) {
      Type of = generic.getActualTypeArguments()[0];
      if (generic.getRawType() == Optional.class) {
        return depth < 10 && random.nextInt(4) > 0
            ? Optional.of(any(of, random, depth + 1))
            : Optional.empty();
      }
      List<Object> values = new ArrayList<>();
      for (int i = random.nextInt(4); i > 0; i--) {
        values.add(any(of, random, depth + 1));
      }
      return generic.getRawType() == Set.class ? new HashSet<>(values) : values;
    }
    Class<?> its = (Class<?>) type;
    if (its.isRecord()) {
      RecordComponent[] components = its.getRecordComponents();
      Object[] values = new Object[components.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = any(components[i].getGenericType(), random, depth);
      }
      return its.getDeclaredConstructor(
              Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new))
          .newInstance(values);
    }
    if (its.isEnum()) {
      return its.getEnumConstants()[random.nextInt(its.getEnumConstants().length)];
    }
    return single(its, random);
  }

  private static Object single(Class<?> type, Random random) throws UnknownHostException {
    if (type == String.class) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(12); i > 0; i--) {
        text.append((char) random.nextInt(random.nextBoolean() ? 128 : 65_536));
      }
      return text.toString();
    }
    if (type == InetAddress.class) {
      byte[] bytes = new byte[random.nextBoolean() ? 4 : 16];
      random.nextBytes(bytes);
      return InetAddress.getByAddress(bytes);
    }
    if (type == boolean.class) {
      return random.nextBoolean();
    }
    if (type == int.class) {
      return random.nextInt();
    }
    if (type == Duration.class) {
      return Duration.ofNanos(random.nextLong());
    }
    assertThat(type).isIn(long.class, Long.class);
    return random.nextLong();
  }

  @Test
  void keepsTheNearestAncestors() {
    Actor actor = Sample.process(1, "/bin/x", "x");
    for (int pid = 2; pid < 40; pid++) {
      actor = Sample.child(actor, pid, "/bin/x", "x");
    }
    Observation read = ObservationJson.read(ObservationJson.write(Sample.exec(actor)));
    assertThat(read.actor().ancestors(100)).hasSize(16).isEqualTo(cutParents(actor));
  }

  private static List<Actor> cutParents(Actor actor) {
    List<Actor> ancestors = actor.ancestors(16);
    Actor last = Sample.process(23, "/bin/x", "x");
    Actor first =
        new Actor(
            last.key(),
            Optional.empty(),
            last.file(),
            last.path(),
            last.called(),
            last.arguments(),
            last.directory(),
            1001,
            1,
            22,
            last.started());
    List<Actor> rebuilt = new ArrayList<>(List.of(first));
    for (int pid = 24; pid < 39; pid++) {
      rebuilt.addFirst(Sample.child(rebuilt.getFirst(), pid, "/bin/x", "x"));
    }
    assertThat(ancestors).hasSize(rebuilt.size());
    return rebuilt;
  }

  @Test
  void looksLikeThis() {
    assertThat(
            ObservationJson.write(Sample.connected(Sample.process(7, "/bin/nc", "nc"), "::1", 1)))
        .isEqualTo(
            """
            {"event":{"kind":"socket","stamp":{"sequence":1,"time":0,\
            "process":{"pid":7,"start":1007},"thread":7,"parent":1,"uid":1001,"gid":1001,\
            "session":7,"name":"thread","effect":"told"},"use":"connect","family":10,"type":1,\
            "protocol":6,"address":"::1","port":1},"actor":{"key":{"pid":7,"start":1007},\
            "file":{"device":8388608,"inode":77,"links":1,"parent":2,"fileSystem":61267},\
            "path":"/bin/nc","called":"/bin/nc","arguments":["nc"],"directory":"/workspace",\
            "uid":1001,"session":7,"generation":0,"started":1007}}""");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "7",
        "{} {}",
        "{\"event\":{\"kind\":\"x\"},\"actor\":{}}",
        "{\"event\":{\"kind\":\"move\"},\"actor\":{}}",
        "{\"event\":{\"kind\":\"move\",\"stamp\":{},\"moved\":1,\"cgroup\":\"x\"},\"actor\":{}}",
      })
  void refusesWhatIsNoObservation(String line) {
    assertThatThrownBy(() -> ObservationJson.read(line))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void refusesDamagedLines(@TempDir Path folder) throws Exception {
    String line = ObservationJson.write(Sample.exec(Sample.process(7, "/bin/x", "x", "y")));
    assertThatThrownBy(() -> ObservationJson.read(line.replace("\"uid\":1001,\"gid\"", "\"gid\"")))
        .hasMessageContaining("event: stamp: uid: this must be a int, and is missing");
    assertThatThrownBy(() -> ObservationJson.read(line.replace("\"flaws\":[]", "\"flaws\":[1]")))
        .hasMessageContaining("event: flaws: this must be a Flaw, not 1");
    assertThatThrownBy(() -> ObservationJson.read(line.replace("{\"event\"", "{\"x\":1,\"event\"")))
        .hasMessageContaining("a Observation has no x");
    Path file = folder.resolve("x.jsonl");
    Files.writeString(file, line + "\n\n" + line + "\nx\n");
    assertThatThrownBy(() -> ObservationJson.readAll(file)).hasMessageContaining(file + ":4: ");
    Files.writeString(file, line + "\n\n" + line + "\n");
    assertThat(ObservationJson.readAll(file)).hasSize(2);
  }
}
