"""
A name server that knows the zones of the test world, and answers as a recursive one does (RFC 1035, 3596, 9460).
"""

import ipaddress
import os
import struct

import plan

A, NS, CNAME, SOA, NULL, TXT, AAAA, OPT, HTTPS, AXFR, ANY = 1, 2, 5, 6, 10, 16, 28, 41, 65, 252, 255
TYPES = {A: "A", NS: "NS", CNAME: "CNAME", SOA: "SOA", NULL: "NULL", TXT: "TXT", AAAA: "AAAA", HTTPS: "HTTPS",
         AXFR: "AXFR", ANY: "ANY"}
NOERROR, FORMERR, NXDOMAIN, REFUSED = 0, 1, 3, 5

# Names beside .test that the world answers for: public resolvers over HTTPS, which Mayfly knows by name.
DOH_NAMES = ("dns.google", "cloudflare-dns.com", "dns.quad9.net")
ZONES = ("test", *DOH_NAMES)

ECH_KEYS = b"an ECH configuration list"
TXT_PIECE = b"t" * 250


def name_bytes(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


def read_name(message, at):
    labels = []
    while message[at]:
        if message[at] & 0xC0:
            raise ValueError("compressed question")
        labels.append(message[at + 1:at + 1 + message[at]].decode("latin-1"))
        at += 1 + message[at]
    return ".".join(labels), at + 1


def addresses(*texts):
    """Records for these addresses, by type."""
    found = {}
    for text in texts:
        address = ipaddress.ip_address(text)
        found.setdefault(A if address.version == 4 else AAAA, []).append(address.packed)
    return found


def text(*pieces):
    return b"".join(bytes([len(piece)]) + piece for piece in pieces)


def https(target, *hints, ech=False):
    """An HTTPS record: h2, hints of addresses, and keys for an encrypted ClientHello."""
    hinted = [ipaddress.ip_address(hint).packed for hint in hints]
    parameters = [(1, b"\x02h2")]
    if hinted:
        parameters.append((4, b"".join(hinted)))
    if ech:
        parameters.append((5, ECH_KEYS))
    return struct.pack(">H", 1) + name_bytes(target) + b"".join(
        struct.pack(">HH", key, len(value)) + value for key, value in parameters)


def both(host):
    return addresses(plan.PUBLIC4[host], plan.PUBLIC6[host])


def records():
    """All that is not made up for each question: (time to live, records by type) by name."""
    def host(name, ttl=300, **more):
        return ttl, both(name) | more.get("more", {})

    found = {
        "allowed.test": host("allowed", more={
            HTTPS: [https("", plan.PUBLIC4["allowed"], ech=True)], TXT: [text(b"hello")]}),
        "www.allowed.test": host("allowed"),
        "short.allowed.test": host("short", 1),
        "long.allowed.test": host("long", 300),
        "v6.allowed.test": (300, addresses(plan.PUBLIC6["allowed"])),
        "v4.allowed.test": (300, addresses(plan.PUBLIC4["allowed"])),
        "ech.allowed.test": host("allowed", more={HTTPS: [https("", plan.PUBLIC4["allowed"], ech=True)]}),
        "big.allowed.test": host("allowed", more={TXT: [text(*[TXT_PIECE] * 16)]}),
        "load.allowed.test": (300, addresses(plan.LOAD4)),
        "silent.allowed.test": (300, addresses(plan.SILENT4)),
        "alias.allowed.test": (300, {CNAME: [name_bytes("hop.chain.test")]}),
        "hop.chain.test": (60, {CNAME: [name_bytes("last.chain.test")]}),
        "last.chain.test": host("allowed", 120),
        "loop.allowed.test": (300, {CNAME: [name_bytes("back.allowed.test")]}),
        "back.allowed.test": (300, {CNAME: [name_bytes("loop.allowed.test")]}),
        "away.allowed.test": (300, {CNAME: [name_bytes("meta.rebind.test")]}),
        "good.cdn.test": host("cdn"),
        "evil.cdn.test": host("cdn"),
        "other.test": host("other"),
        "redirect.test": host("redirect"),
        "attacker.test": host("attacker"),
        "allowed.test.doh.test": host("doh"),
        "meta.rebind.test": (1, addresses(plan.METADATA4)),
        "meta6.rebind.test": (1, addresses(plan.METADATA6)),
        "mapped.rebind.test": (1, addresses("::ffff:" + plan.METADATA4)),
        "nat64.rebind.test": (1, addresses("64:ff9b::a9fe:a9fe")),
        "mixed.rebind.test": (1, addresses(plan.PUBLIC4["allowed"], plan.METADATA4)),
        "private.rebind.test": (1, addresses(plan.PRIVATE4)),
        "private6.rebind.test": (1, addresses(plan.PRIVATE6)),
        "loopback.rebind.test": (1, addresses("127.0.0.1", "::1")),
        "zero.rebind.test": (1, addresses("0.0.0.0", "::")),
        "hint.rebind.test": (1, both("allowed") | {HTTPS: [https("", plan.METADATA4)]}),
        "db.private.test": (300, addresses(plan.PRIVATE4)),
    }
    for number in range(40):
        found[f"deep{number}.allowed.test"] = (300, {CNAME: [name_bytes(f"deep{number + 1}.allowed.test")]})
    for name in DOH_NAMES:
        found[name] = host("doh")
    return found


class Names:
    """Answers questions. What they were is told to `seen(name, type)`."""

    def __init__(self, seen):
        self.seen = seen
        self.records = records()
        self.turned = set()

    def answer(self, message, transport, server, source):
        """The reply to a message; nothing where it is none."""
        try:
            number, flags, questions = struct.unpack_from(">HHH", message)
            asked, at = read_name(message, 12)
            kind, _ = struct.unpack_from(">HH", message, at)
        except (struct.error, IndexError, ValueError):
            return None
        if flags & 0x8000 or questions != 1:
            return None
        self.seen(server=server, transport=transport, source=source, name=asked.lower(),
                  type=TYPES.get(kind, f"TYPE{kind}"))
        code, answers = self.find(asked.lower(), kind)
        question = message[12:at + 4]
        reply = self.message(number, flags, code, question, answers)
        if transport == "udp" and len(reply) > self.room(message, at + 4):
            reply = self.message(number, flags | 0x0200, code, question, [])
        return reply

    @staticmethod
    def room(message, at):
        """How long an answer the asker takes over UDP (RFC 6891)."""
        if struct.unpack_from(">H", message, 10)[0] and message[at:at + 3] == b"\0\0\x29":
            return max(512, struct.unpack_from(">H", message, at + 3)[0])
        return 512

    @staticmethod
    def message(number, flags, code, question, answers):
        head = struct.pack(">HHHHHH", number, 0x8080 | flags & 0x0300 | code, 1, len(answers), 0, 0)
        return head + question + b"".join(
            name_bytes(owner) + struct.pack(">HHIH", kind, 1, ttl, len(data)) + data
            for owner, kind, ttl, data in answers)

    def find(self, name, kind):
        if not any(name == zone or name.endswith("." + zone) for zone in ZONES):
            return REFUSED, []
        if name == "tunnel.test" or name.endswith(".tunnel.test"):
            return NOERROR, self.tunnelled(name, kind)
        if name.endswith(".flip.rebind.test"):
            return NOERROR, self.flipped(name, kind)
        if kind == AXFR:
            soa = (name, SOA, 60, name_bytes("ns.test") + name_bytes("root.test") + struct.pack(">IIIII", 1, 1, 1, 1, 1))
            return NOERROR, [soa, *self.all_of(name), soa]
        found, hops = [], 0
        while hops < 64:
            ttl, known = self.records.get(name, (0, None))
            if known is None:
                known = self.wildcard(name)
                ttl = 300
            if known is None:
                return (NOERROR if found else NXDOMAIN), found
            if kind == ANY:
                return NOERROR, found + self.all_of(name)
            if kind in known or CNAME not in known:
                return NOERROR, found + [(name, kind, ttl, data) for data in known.get(kind, [])]
            found.append((name, CNAME, ttl, known[CNAME][0]))
            following = read_name(known[CNAME][0], 0)[0]
            if any(owner == following for owner, *_ in found):
                return NOERROR, found
            name, hops = following, hops + 1
        return NOERROR, found

    def all_of(self, name):
        ttl, known = self.records.get(name, (300, self.wildcard(name) or {}))
        return [(name, kind, ttl, data) for kind, values in known.items() for data in values]

    @staticmethod
    def wildcard(name):
        """Any name below allowed.test exists, and carries any data in its labels as well as a name of tunnel.test."""
        if name.endswith(".allowed.test"):
            return both("allowed") | {TXT: [text(*[TXT_PIECE] * 8)], NULL: [os.urandom(600)]}
        return None

    @staticmethod
    def tunnelled(name, kind):
        data = {A: addresses(plan.PUBLIC4["attacker"])[A], AAAA: addresses(plan.PUBLIC6["attacker"])[AAAA],
                TXT: [text(*[TXT_PIECE] * 4)], NULL: [b"answer" * 50], CNAME: [name_bytes("back.tunnel.test")]}
        return [(name, kind, 0, value) for value in data.get(kind, [])]

    def flipped(self, name, kind):
        """A public address at first, the metadata service's ever after."""
        if kind != A:
            return []
        host = plan.METADATA4 if name in self.turned else plan.PUBLIC4["short"]
        self.turned.add(name)
        return [(name, A, 1, value) for value in addresses(host)[A]]
