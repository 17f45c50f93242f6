package dev.mayfly.bench;

import java.time.Duration;

/**
 * What one run took.
 *
 * @param firstByte from the beginning to the first byte of the command's output
 * @param total from the beginning until nothing of the run is left
 */
record Sample(Duration firstByte, Duration total) {}
