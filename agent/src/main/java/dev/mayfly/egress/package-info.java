/** What a sandbox may reach: packets, names and TLS names, decided per sandbox. */
@NullMarked
package dev.mayfly.egress;

import org.jspecify.annotations.NullMarked;
