package dev.mayfly.flow;

import java.util.LinkedHashMap;
import java.util.Map;

/** So many entries at most: whichever was not asked for the longest goes first. For one thread. */
public final class RecentMap<K, V> extends LinkedHashMap<K, V> {
  private static final long serialVersionUID = 1L;

  private final int most;

  public RecentMap(int most) {
    super(16, 0.75f, true);
    this.most = most;
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
    return size() > most;
  }
}
