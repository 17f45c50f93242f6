package dev.mayfly.nftables;

import java.util.List;

/**
 * What all sandboxes of one class may reach, beside what is opened for each of them.
 *
 * @param opening rules that hold although what they allow is refused
 * @param refused what is refused else; no block within another
 * @param broad rules that hold for all but what is refused
 * @param everything whether all is let through that is not refused, to be recorded
 */
public record ClassRules(
    List<Reach> opening, List<Block> refused, List<Reach> broad, boolean everything) {
  public ClassRules {
    opening = List.copyOf(opening);
    refused = List.copyOf(refused);
    broad = List.copyOf(broad);
  }
}
