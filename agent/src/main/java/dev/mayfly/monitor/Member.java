package dev.mayfly.monitor;

import dev.mayfly.event.ProcessKey;
import dev.mayfly.event.Stamp;

/**
 * A process of a sandbox as the process connector tells of it. Changed by the reader's thread
 * alone.
 */
final class Member {
  private final FallbackSandbox sandbox;
  private final ProcessKey key;
  private final int pidLevel;
  private final int parent;
  private volatile int uid;
  private volatile int gid;
  private volatile int session;
  private volatile String name;
  private int threads = 1;
  private int children;
  private int status;

  private Member(FallbackSandbox sandbox, ProcessKey key, int pidLevel, int parent) {
    this.sandbox = sandbox;
    this.key = key;
    this.pidLevel = pidLevel;
    this.parent = parent;
    this.name = "";
  }

  /** A process that came into the sandbox from outside, or was there before. */
  static Member found(FallbackSandbox sandbox, int pid, ProcessFacts facts) {
    Member member =
        new Member(sandbox, new ProcessKey(pid, facts.start()), facts.pidLevel(), facts.parent());
    member.know(facts);
    return member;
  }

  /** A child, which has its parent's attributes until it changes them. */
  Member child(int pid, long start) {
    Member child = new Member(sandbox, new ProcessKey(pid, start), pidLevel, key.pid());
    child.uid = uid;
    child.gid = gid;
    child.session = session;
    child.name = name;
    children++;
    return child;
  }

  void know(ProcessFacts facts) {
    uid = facts.uid();
    gid = facts.gid();
    session = facts.session();
    name = facts.name();
  }

  Stamp stamp(long sequence, long time) {
    return new Stamp(
        sequence, time, key, key.pid(), parent, uid, gid, session, name, Stamp.Effect.TOLD);
  }

  FallbackSandbox sandbox() {
    return sandbox;
  }

  ProcessKey key() {
    return key;
  }

  int parent() {
    return parent;
  }

  int pidLevel() {
    return pidLevel;
  }

  int status() {
    return status;
  }

  boolean hasChildren() {
    return children > 0;
  }

  void childEnded() {
    children--;
  }

  void threadBegan() {
    threads++;
  }

  /**
   * One of its threads ended.
   *
   * @return whether it was the last
   */
  boolean threadEnded(boolean leader, int code) {
    if (leader) {
      status = code;
    }
    threads--;
    return threads <= 0;
  }

  /** What executes has one thread. */
  void executed() {
    threads = 1;
  }

  void user(int effective) {
    uid = effective;
  }

  void group(int effective) {
    gid = effective;
  }

  void session() {
    session = key.pid();
  }

  void name(String given) {
    name = given;
  }
}
