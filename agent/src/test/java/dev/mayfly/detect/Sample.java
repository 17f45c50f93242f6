package dev.mayfly.detect;

import dev.mayfly.event.Actor;
import dev.mayfly.event.Event;
import dev.mayfly.event.FileIdentity;
import dev.mayfly.event.Observation;
import dev.mayfly.event.ProcessKey;
import dev.mayfly.event.Stamp;
import dev.mayfly.policy.IpRange;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Processes and what they do, made up for tests of the language. */
final class Sample {
  static final FileIdentity FILE = new FileIdentity(8 << 20, 77, 1, 2, 0xef53);
  static final FileIdentity MEMORY = new FileIdentity(1, 78, 0, 2, 0x01021994);

  private Sample() {}

  /** A process without parents. */
  static Actor process(int pid, String path, String... arguments) {
    return new Actor(
        new ProcessKey(pid, 1000L + pid),
        Optional.empty(),
        FILE,
        path,
        path,
        Arrays.asList(arguments),
        "/workspace",
        1001,
        pid,
        0,
        1000L + pid);
  }

  static Actor child(Actor parent, int pid, String path, String... arguments) {
    Actor alone = process(pid, path, arguments);
    return new Actor(
        alone.key(),
        Optional.of(parent),
        alone.file(),
        path,
        path,
        alone.arguments(),
        alone.directory(),
        parent.uid(),
        parent.session(),
        parent.generation() + 1,
        alone.started());
  }

  static Actor called(Actor actor, String called, FileIdentity file) {
    return new Actor(
        actor.key(),
        actor.parent(),
        file,
        actor.path(),
        called,
        actor.arguments(),
        actor.directory(),
        actor.uid(),
        actor.session(),
        actor.generation(),
        actor.started());
  }

  static Stamp stamp(Actor actor, Duration time) {
    return new Stamp(
        1,
        time.toNanos(),
        actor.key(),
        actor.key().pid(),
        actor.parent().map(parent -> parent.key().pid()).orElse(1),
        actor.uid(),
        actor.uid(),
        actor.session(),
        "thread",
        Stamp.Effect.TOLD);
  }

  static Stamp stamp(Actor actor) {
    return stamp(actor, Duration.ZERO);
  }

  static Observation exec(Actor actor) {
    return exec(actor, Duration.ZERO);
  }

  static Observation exec(Actor actor, Duration time) {
    return new Observation(
        new Event.Executed(
            stamp(actor, time),
            actor.file(),
            actor.path(),
            actor.directory(),
            actor.called(),
            actor.arguments(),
            1 << 21 | 1,
            Set.of()),
        actor);
  }

  static Observation opened(Actor actor, String path, Event.Opened.Access access) {
    return opened(actor, path, access, Duration.ZERO);
  }

  static Observation opened(Actor actor, String path, Event.Opened.Access access, Duration time) {
    return new Observation(
        new Event.Opened(stamp(actor, time), FILE, path, access, false, false, 0), actor);
  }

  static Observation changed(Actor actor, Event.Changed.Change change, String path) {
    return new Observation(
        new Event.Changed(stamp(actor), change, FILE, path, Optional.empty()), actor);
  }

  static Observation connected(Actor actor, String address, int port) {
    return connected(actor, address, port, Duration.ZERO);
  }

  static Observation connected(Actor actor, String address, int port, Duration time) {
    IpRange to = IpRange.parse(address);
    return new Observation(
        new Event.Socket(
            stamp(actor, time),
            Event.Socket.Use.CONNECT,
            to.isIpv4() ? 2 : 10,
            1,
            6,
            Optional.of(to.first()),
            port),
        actor);
  }

  static Observation called(Actor actor, String call, long result, Long... arguments) {
    return new Observation(
        new Event.Called(stamp(actor), call, Event.Called.Abi.NATIVE, result, List.of(arguments)),
        actor);
  }

  /** As the resolver tells of it: without a process. */
  static Observation asked(String name, String type, Duration time) {
    Actor nobody = process(0, "");
    return new Observation(new Event.Asked(stamp(nobody, time), name, type, false), nobody);
  }
}
