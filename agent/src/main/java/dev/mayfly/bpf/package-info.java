/** The monitor's BPF programs: loading them, and reading what they tell. */
@NullMarked
package dev.mayfly.bpf;

import org.jspecify.annotations.NullMarked;
