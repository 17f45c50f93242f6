package dev.mayfly.linux;

import java.io.IOException;
import java.io.Serial;

/** A tree that is larger than it may be. */
public final class TreeTooLargeException extends IOException {
  @Serial private static final long serialVersionUID = 1L;

  TreeTooLargeException(TreePlace place, String what, long limit, String remedy) {
    super(place + ": with it the tree has more than " + limit + " " + what + "; " + remedy);
  }
}
