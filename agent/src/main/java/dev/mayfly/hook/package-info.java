/**
 * The supervisor's end of the hook protocol: what {@code mayfly-hook}, which runners call once for
 * each stage of a job, asks for. The protocol is in {@code docs/hook-protocol.md}.
 */
@NullMarked
package dev.mayfly.hook;

import org.jspecify.annotations.NullMarked;
