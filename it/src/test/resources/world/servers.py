"""
All that answers in the test world, and the evidence of what arrived there.

Started by world.py within the world's name space. Usage: servers.py DIRECTORY [quiet]
Evidence is a JSON object a line in DIRECTORY/evidence. Standard input takes one word a line: "flush" is answered, as
one line, once all that had arrived before is in the evidence. With "quiet" there is none, for measurements.
"""

import asyncio
import base64
import json
import os
import pathlib
import ssl
import struct
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import names  # noqa: E402
import plan  # noqa: E402
import wire  # noqa: E402

SECRET = "secret-of-the-metadata-service"
BANNERS = {plan.SSH: b"SSH-2.0-mayfly-world\r\n"}
CHUNK = b"x" * 65536


class Evidence:
    def __init__(self, path):
        self.file = open(path, "a", buffering=1, encoding="utf-8")

    def add(self, kind, **facts):
        facts.setdefault("time", time.time())
        self.file.write(json.dumps({"kind": kind, **facts}) + "\n")


class Quiet:
    def add(self, kind, **facts):
        pass


class World:
    def __init__(self, directory, quiet):
        self.evidence = Quiet() if quiet else Evidence(directory / "evidence")
        self.wire = None if quiet else wire.Wire(lambda **packet: self.evidence.add("packet", **packet))
        self.names = names.Names(lambda **question: self.evidence.add("question", **question))
        self.tls = self.tls_context(directory / "tls")
        self.fences = {}

    def tls_context(self, directory):
        """Serves the certificate of the longest suffix of the server name, and notes the name."""
        contexts = {}
        for certificate in directory.glob("*.pem"):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            contexts[certificate.stem] = context

        def choose(connection, name, _):
            connection.server_names = name
            connection.context = contexts[self.suffix(contexts, name)]

        base = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        base.load_cert_chain(directory / "world.pem")
        base.sni_callback = choose
        return base

    @staticmethod
    def suffix(contexts, name):
        while name:
            if name in contexts:
                return name
            name = name.partition(".")[2]
        return "world"

    # --- What listens ---------------------------------------------------------------------------------------

    async def open(self):
        loop = asyncio.get_running_loop()
        if self.wire:
            loop.add_reader(self.wire.socket, self.wire.drain)
        every = [*plan.ADDRESSES, plan.WORLD4, plan.WORLD6, plan.JOB_WORLD4, plan.JOB_WORLD6, "::%"]
        for address in every[:-1]:
            for port in (plan.SSH, plan.DATABASE, plan.ECHO, plan.SINK):
                await asyncio.start_server(self.echo, address, port, backlog=4096)
            await asyncio.start_server(self.http, address, plan.HTTP)
            await asyncio.start_server(self.http, address, plan.PROXY)
            await asyncio.start_server(self.http, address, plan.TLS, ssl=self.tls)
            await asyncio.start_server(self.dns, address, plan.DNS)
            await asyncio.start_server(self.dns, address, plan.DOT, ssl=self.tls)
            for port in (plan.TLS, plan.SINK):
                await loop.create_datagram_endpoint(lambda: Reflector(), (address, port))
            await loop.create_datagram_endpoint(lambda a=address: NamesByUdp(self, a), (address, plan.DNS))
        await loop.create_datagram_endpoint(lambda: Fence(self), (plan.WORLD4, plan.FENCE))
        await loop.create_datagram_endpoint(lambda: Fence(self), (plan.JOB_WORLD4, plan.FENCE))
        # The link-local address, for attempts by scope.
        await asyncio.start_server(self.echo, f"{plan.JOB_WORLD_LINK_LOCAL}%{plan.JOB_WORLD_LINK}", plan.SINK)

    def served(self, writer, server, **facts):
        local, peer = writer.get_extra_info("sockname"), writer.get_extra_info("peername")
        self.evidence.add("served", server=server, address=local[0], port=local[1], source=peer[0], **facts)

    async def echo(self, reader, writer):
        """Answers each piece with itself, after a banner where the port has one."""
        try:
            port = writer.get_extra_info("sockname")[1]
            writer.write(BANNERS.get(port, b""))
            while piece := await reader.read(65536):
                self.served(writer, "echo", text=piece[:512].decode("latin-1"))
                writer.write(piece)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()

    async def http(self, reader, writer):
        try:
            while head := await self.head(reader):
                method, path, headers = head
                body = 0
                left = int(headers.get("content-length", 0))
                while left and (piece := await reader.read(min(left, 1 << 20))):
                    body, left = body + len(piece), left - len(piece)
                tls = writer.get_extra_info("ssl_object")
                facts = {"sni": getattr(tls, "server_names", None) if tls else None, "method": method, "path": path,
                         "host": headers.get("host"), "body": body}
                self.served(writer, "https" if tls else "http", **facts)
                await self.reply(writer, facts)
        except (OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        finally:
            writer.close()

    @staticmethod
    async def head(reader):
        lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, path, _ = lines[0].split(" ")
        pairs = (line.split(":", 1) for line in lines[1:] if ":" in line)
        return method, path, {name.strip().lower(): value.strip() for name, value in pairs}

    async def reply(self, writer, facts):
        address, port = writer.get_extra_info("sockname")[:2]
        path, status, extra, kind = facts["path"], "200 OK", "", "application/json"
        body = json.dumps({"address": address, "port": port, **facts}).encode()
        if path.startswith("/to-metadata"):
            status, extra = "302 Found", f"Location: http://{plan.METADATA4}/latest/meta-data{path[12:]}\r\n"
        elif path.startswith("/latest/meta-data") and address in (plan.METADATA4, plan.METADATA6):
            body = SECRET.encode()
        elif path.startswith("/dns-query?dns="):
            question = base64.urlsafe_b64decode(path[15:] + "==")
            peer = writer.get_extra_info("peername")[0]
            body, kind = self.names.answer(question, "https", address, peer) or b"", "application/dns-message"
        elif path.startswith("/stream"):
            writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
            while True:
                writer.write(CHUNK)
                await writer.drain()
        writer.write(f"HTTP/1.1 {status}\r\n{extra}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                     + body)
        await writer.drain()

    async def dns(self, reader, writer):
        try:
            server, peer = writer.get_extra_info("sockname")[0], writer.get_extra_info("peername")[0]
            transport = "tls" if writer.get_extra_info("ssl_object") else "tcp"
            while True:
                (length,) = struct.unpack(">H", await reader.readexactly(2))
                reply = self.names.answer(await reader.readexactly(length), transport, server, peer)
                if reply is None:
                    return
                writer.write(struct.pack(">H", len(reply)) + reply)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    # --- What the tests ask ---------------------------------------------------------------------------------

    async def obey(self):
        loop = asyncio.get_running_loop()
        orders = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
        print("ready", flush=True)
        while line := await orders.readline():
            if line.strip() == b"flush":
                # Once around, so that what the servers were sent before has been read by them.
                for _ in range(3):
                    await asyncio.sleep(0)
                if self.wire:
                    self.wire.drain()
                print(json.dumps({"dropped": self.wire.dropped() if self.wire else 0}), flush=True)


class Reflector(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, address):
        self.transport.sendto(data, address)


class NamesByUdp(Reflector):
    def __init__(self, world, server):
        self.world, self.server = world, server

    def datagram_received(self, data, address):
        reply = self.world.names.answer(data, "udp", self.server, address[0])
        if reply:
            self.transport.sendto(reply, address)


class Fence(Reflector):
    """Answers when all that arrived before has been noted."""

    def __init__(self, world):
        self.world = world

    def datagram_received(self, data, address):
        if self.world.wire:
            self.world.wire.drain()
        self.transport.sendto(data, address)


async def main():
    world = World(pathlib.Path(sys.argv[1]), "quiet" in sys.argv[2:])
    await world.open()
    await world.obey()


asyncio.run(main())
