/**
 * What sandboxes do, as the kernel tells it: its sources, whose each event is, and what was lost.
 */
@NullMarked
package dev.mayfly.monitor;

import org.jspecify.annotations.NullMarked;
