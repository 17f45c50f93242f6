package dev.mayfly.event;

/**
 * One process for ever: a number is given again, a number and a start are not.
 *
 * @param pid as the host numbers it
 * @param start nanoseconds of CLOCK_BOOTTIME; 0 where a source can't tell it
 */
public record ProcessKey(int pid, long start) {}
