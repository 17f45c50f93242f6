/** Measures what a sandbox costs beside what the engine's own client costs. It asserts no times. */
@NullMarked
package dev.mayfly.bench;

import org.jspecify.annotations.NullMarked;
