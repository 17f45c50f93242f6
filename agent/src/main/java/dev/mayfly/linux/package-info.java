/** Kernel interfaces through JNA, and what the kernel tells in /proc, /sys and cgroups. */
@NullMarked
package dev.mayfly.linux;

import org.jspecify.annotations.NullMarked;
