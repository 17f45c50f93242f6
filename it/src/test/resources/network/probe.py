"""One attempt from where it is run. Prints what came of it in one line: a word in capitals, or the
name of an error."""
import errno
import os
import socket
import struct
import sys

LONG = 20.0


def name(e):
    if isinstance(e, TimeoutError):
        return "TIMEOUT"
    return errno.errorcode.get(e.errno, str(e))


def connect(host, port, kind, wait=LONG):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    one = socket.socket(family, kind)
    one.settimeout(float(wait))
    one.connect((host, int(port)))
    return one


def tcp(host, port, wait=LONG):
    with connect(host, port, socket.SOCK_STREAM, wait) as one:
        return "CONNECTED " + one.recv(100).decode().strip()


def udp(host, port, data="question", wait=LONG):
    with connect(host, port, socket.SOCK_DGRAM) as one:
        one.settimeout(float(wait))
        one.send(data.encode())
        return "ANSWERED " + one.recv(100).decode().strip()


def ping(host, wait="3"):
    """ICMP echo; what is refused is answered with nothing but an error in the socket's queue."""
    v6 = ":" in host
    protocol = socket.IPPROTO_ICMPV6 if v6 else socket.IPPROTO_ICMP
    with socket.socket(socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_RAW, protocol) as one:
        one.settimeout(float(wait))
        one.connect((host, 0))
        if v6:
            one.setsockopt(socket.IPPROTO_IPV6, 25, 1)  # IPV6_RECVERR
        else:
            one.setsockopt(socket.IPPROTO_IP, 11, 1)  # IP_RECVERR
        body = struct.pack("!BBHHH", 128 if v6 else 8, 0, 0, os.getpid() & 0xFFFF, 1) + b"payload!"
        if not v6:
            total = sum(struct.unpack("!8H", body))
            total = (total >> 16) + (total & 0xFFFF)
            body = body[:2] + struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF) + body[4:]
        one.send(body)
        while True:
            data = one.recv(1000)
            kind = data[0] if v6 else data[(data[0] & 15) * 4]
            if kind == (129 if v6 else 0):
                return "ANSWERED"


def protocol(number, host):
    v6 = ":" in host
    with socket.socket(
        socket.AF_INET6 if v6 else socket.AF_INET, socket.SOCK_RAW, int(number)
    ) as one:
        one.settimeout(3)
        if v6:
            one.setsockopt(socket.IPPROTO_IPV6, 25, 1)
        else:
            one.setsockopt(socket.IPPROTO_IP, 11, 1)
        one.connect((host, 0))
        one.send(struct.pack("!HHII", 4000, 5000, 0, 0) + bytes(20))
        one.recv(100)
        return "ANSWERED"


def spoof(source, destination, port, data):
    """A datagram from an address that is not this host's."""
    body = struct.pack("!HHHH", 4000, int(port), 8 + len(data), 0) + data.encode()
    if ":" in source:
        packet = (
            struct.pack("!IHBB", 6 << 28, len(body), 17, 64)
            + socket.inet_pton(socket.AF_INET6, source)
            + socket.inet_pton(socket.AF_INET6, destination)
        )
        pseudo = packet[8:40] + struct.pack("!II", len(body), 17) + body
        body = body[:6] + struct.pack("!H", checksum(pseudo)) + body[8:]
        with socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_RAW) as one:
            one.sendto(packet + body, (destination, 0))
    else:
        packet = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 1, 0, 64, 17, 0)
        packet += socket.inet_aton(source) + socket.inet_aton(destination)
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as one:
            one.sendto(packet + body, (destination, 0))
    return "SENT"


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total >> 16) + (total & 0xFFFF)
    return ~total & 0xFFFF or 0xFFFF


def hold(host, port):
    """A connection that goes on: each line from standard input is sent, and the answer awaited."""
    with connect(host, port, socket.SOCK_STREAM) as one:
        print("CONNECTED " + one.recv(100).decode().strip(), flush=True)
        for line in sys.stdin:
            try:
                one.sendall(line.encode())
                print("ANSWERED " + one.recv(100).decode().strip(), flush=True)
            except OSError as e:
                print(name(e), flush=True)
    return "CLOSED"


def upload(host, port, size):
    with connect(host, port, socket.SOCK_STREAM) as one:
        one.recv(100)
        left = int(size)
        while left > 0:
            left -= one.send(bytes(min(left, 16384)))
        return "SENT"


def flood(host, count):
    """Datagrams to ports, again and again; errors that come back are not waited for."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as one:
        for i in range(int(count)):
            try:
                one.sendto(b"x", (host, 1 + i % 60000))
            except OSError as e:
                if e.errno not in (errno.EHOSTUNREACH, errno.EACCES, errno.ENOBUFS, errno.EPERM):
                    raise
    return "SENT"


try:
    print(globals()[sys.argv[1]](*sys.argv[2:]), flush=True)
except OSError as e:
    print(name(e), flush=True)
