/** Runs the scripts that belong to the detections, and makes fixtures of what is seen of them. */
@NullMarked
package dev.mayfly.rules;

import org.jspecify.annotations.NullMarked;
