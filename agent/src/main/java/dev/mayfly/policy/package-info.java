/** What a job may do: values and pure decisions, no I/O. */
@NullMarked
package dev.mayfly.policy;

import org.jspecify.annotations.NullMarked;
