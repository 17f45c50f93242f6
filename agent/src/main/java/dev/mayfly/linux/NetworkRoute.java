package dev.mayfly.linux;

import java.net.InetAddress;

/**
 * A route of any of the kernel's tables.
 *
 * @param destination the first address that it is for; any address of its family where the prefix
 *     is 0
 * @param prefix how many bits of it count
 * @param device index of the device that packets leave by; 0 where there is none or are several
 * @param origin who made it (rtnetlink(7), rtm_protocol)
 */
public record NetworkRoute(InetAddress destination, int prefix, int device, int origin) {}
