/** Mayfly's table in the kernel's packet filter: its text, and what is changed in it. */
@NullMarked
package dev.mayfly.nftables;

import org.jspecify.annotations.NullMarked;
