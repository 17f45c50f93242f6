"""Every packet that arrives in the test world, whatever it is and whoever it says it is from."""

import ipaddress
import socket
import struct

import plan

SO_TIMESTAMPNS = 35
PACKET_STATISTICS = 6
ETH_P_ALL, ETH_P_IP, ETH_P_IPV6, ETH_P_ARP = 3, 0x0800, 0x86DD, 0x0806
PROTOCOLS = {1: "icmp", 6: "tcp", 17: "udp", 33: "dccp", 58: "icmpv6", 132: "sctp", 136: "udplite"}
PORTS_FIRST = ("tcp", "udp", "dccp", "sctp", "udplite")
EXTENSIONS = {0, 43, 60}
FRAGMENT = 44
DISCOVERY = range(130, 138)
MLD2 = 143
FLAGS = "FSRPAU"
KEPT = 4096


class Wire:
    """Tells `seen(**packet)` of each."""

    def __init__(self, seen):
        self.seen = seen
        self.lost = 0
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        # 33: SO_RCVBUFFORCE, which Python does not name.
        self.socket.setsockopt(socket.SOL_SOCKET, 33, 128 << 20)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.socket.setblocking(False)

    def drain(self):
        """Reads all that has arrived."""
        while True:
            try:
                frame, ancillary, _, origin = self.socket.recvmsg(65536 + 64, 64)
            except BlockingIOError:
                return
            device, _, direction, *_ = origin
            if direction == socket.PACKET_OUTGOING or device == "lo":
                continue
            seconds, nanos = next((struct.unpack("qq", data) for level, kind, data in ancillary
                                   if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS), (0, 0))
            packet = decode(frame)
            if packet:
                self.seen(time=seconds + nanos / 1e9, device=device, **packet)

    def dropped(self):
        """How many packets there was no room for."""
        _, lost = struct.unpack("II", self.socket.getsockopt(263, PACKET_STATISTICS, 8))
        self.lost += lost
        return self.lost


def decode(frame):
    (kind,) = struct.unpack_from(">H", frame, 12)
    if kind == ETH_P_ARP:
        return {"protocol": "arp", "source": text(frame[28:32]), "destination": text(frame[38:42])}
    if kind == ETH_P_IP:
        packet = frame[14:]
        (length,) = struct.unpack_from(">H", packet, 2)
        body = packet[(packet[0] & 15) * 4:length or len(packet)]
        return transport(packet[9], text(packet[12:16]), text(packet[16:20]), body)
    if kind == ETH_P_IPV6:
        packet = frame[14:]
        following, at = packet[6], 40
        while following in EXTENSIONS:
            following, at = packet[at], at + 8 + packet[at + 1] * 8
        if following == FRAGMENT:
            following, at = packet[at], at + 8
        return transport(following, text(packet[8:24]), text(packet[24:40]), packet[at:])
    return {"protocol": f"ethernet-{kind:04x}", "source": "", "destination": ""}


def text(packed):
    return str(ipaddress.ip_address(packed))


def transport(number, source, destination, body):
    name = PROTOCOLS.get(number, f"ip-{number}")
    packet = {"protocol": name, "source": source, "destination": destination}
    payload = body
    if name == "icmpv6" and body and (body[0] in DISCOVERY or body[0] == MLD2):
        return None
    if name in PORTS_FIRST and len(body) >= 4:
        packet["sport"], packet["port"] = struct.unpack_from(">HH", body)
        if name == "udp" and packet["port"] == plan.FENCE:
            return None
        if name == "tcp" and len(body) >= 20:
            packet["flags"] = "".join(flag for bit, flag in enumerate(FLAGS) if body[13] >> bit & 1)
            payload = body[(body[12] >> 4) * 4:]
        elif name in ("udp", "udplite"):
            payload = body[8:]
    packet["length"] = len(payload)
    packet["payload"] = payload[:KEPT].decode("latin-1")
    return packet
