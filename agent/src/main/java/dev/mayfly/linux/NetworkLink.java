package dev.mayfly.linux;

/**
 * A network device.
 *
 * @param alias what somebody noted on it; may be empty
 */
public record NetworkLink(int index, String name, String alias) {}
