/**
 * The supervisor's Unix socket: how {@code mayfly exec} and the like ask a running supervisor to
 * run a command. The protocol is in {@code docs/control-protocol.md}.
 */
@NullMarked
package dev.mayfly.control;

import org.jspecify.annotations.NullMarked;
