package dev.mayfly.linux;

/**
 * A packet that a rule of the kernel logged.
 *
 * @param prefix what the rule calls it
 * @param device index of the device that it came in by; 0 where there is none
 * @param local whether it was for this host itself
 * @param bytes its first bytes, from the IP header on
 */
public record LoggedPacket(String prefix, int device, boolean local, byte[] bytes) {}
