package dev.mayfly.monitor;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Where a sandbox sees what lies on its disk. */
final class DiskPlaces {
  private final List<DiskWatch.Place> places;

  DiskPlaces(List<DiskWatch.Place> places) {
    this.places =
        places.stream()
            .sorted(Comparator.comparingInt((DiskWatch.Place p) -> p.below().length()).reversed())
            .toList();
  }

  /**
   * A directory as the sandbox sees it.
   *
   * @param path ends with a slash
   * @param layered whether it is in the writable layer of an overlay
   */
  record Seen(String path, boolean layered) {}

  /**
   * Where a directory is seen.
   *
   * @param path of it on the disk, without a slash at its ends
   * @return empty where the sandbox sees it nowhere
   */
  Optional<Seen> seen(String path) {
    for (DiskWatch.Place place : places) {
      String below = place.below();
      if (path.equals(below)) {
        return Optional.of(new Seen(ended(place.seen()), place.layered()));
      }
      if (below.isEmpty() || (path.startsWith(below) && path.charAt(below.length()) == '/')) {
        String rest = path.substring(below.isEmpty() ? 0 : below.length() + 1);
        return Optional.of(new Seen(ended(place.seen()) + rest + "/", place.layered()));
      }
    }
    return Optional.empty();
  }

  private static String ended(String path) {
    return path.endsWith("/") ? path : path + "/";
  }
}
