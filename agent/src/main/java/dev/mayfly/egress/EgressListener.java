package dev.mayfly.egress;

/** Takes what was seen of one sandbox. Called by many threads, and must neither block nor throw. */
public interface EgressListener {
  void seen(EgressEvent event);
}
