"""What a job tries, in a name space of the test: job.py ADDRESS NAME COMMAND [ARGUMENT]; NAME - sends no SNI.
Prints one line: what came of it.
"""
import contextlib
import hashlib
import os
import select
import socket
import ssl
import subprocess
import sys
import time

LIMIT = 20
PORT = 443
SERVER_NAME, KEY_SHARE = 0, 51
# A ServerHello with this random is a HelloRetryRequest (RFC 8446, section 4.1.3).
RETRY = hashlib.sha256(b"HelloRetryRequest").digest()
# A point of the curve P-384: its generator.
P384 = bytes.fromhex(
    "04aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7"
    "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f"
)


def context():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    made.options |= ssl.OP_IGNORE_UNEXPECTED_EOF
    return made


def connect(address, port=PORT, source=None):
    raw = socket.create_connection((address, port), LIMIT, (source, 0) if source else None)
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return raw


def tls(address, name):
    return context().wrap_socket(connect(address), server_hostname=name)


def send_end(session):
    # Not SSLSocket.shutdown, which would also forget the session.
    socket.socket.shutdown(session, socket.SHUT_WR)


def everything(stream):
    data = bytearray()
    while chunk := stream.recv(65536):
        data += chunk
    return data


def echo(address, name, size):
    """Sends and receives at once, as fast as it goes."""
    sent, size = os.urandom(int(size)), int(size)
    with tls(address, name) as session:
        session.sendall(b"echo %d\n" % size)
        session.setblocking(False)
        got, done, left = hashlib.sha256(), 0, size
        while left:
            moved = False
            with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
                if done < size:
                    done += session.send(memoryview(sent)[done : done + 65536])
                    moved = True
            with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
                chunk = session.recv(65536)
                if not chunk:
                    break
                got.update(chunk)
                left -= len(chunk)
                moved = True
            if not moved and not any(select.select([session], [session] if done < size else [], [], LIMIT)):
                return f"stalled, {size - done} not sent, {left} missing"
    return "intact" if got.digest() == hashlib.sha256(sent).digest() else f"damaged, {left} missing"


def upload(address, name, size):
    sent = os.urandom(int(size))
    with tls(address, name) as session:
        session.sendall(b"sink\n" + sent)
        send_end(session)
        answer = everything(session).decode().strip() or raw_end(session)
    return "intact" if answer == hashlib.sha256(sent).hexdigest() else f"damaged: {answer}"


def download(address, name, size, back):
    with tls(address, name) as session:
        session.sendall(b"source %d\n" % int(size))
        got = len(everything(session))
        session.sendall(b"c" * int(back))
    return f"got {got}"


def reset(address, name):
    with tls(address, name) as session:
        session.sendall(b"reset\n")
        return raw_end(session)


def raw_end(session):
    """How the TCP stream ends; SSLSocket.recv takes a reset for an end."""
    while socket.socket.recv(session, 65536):
        pass
    return "closed"


def hello_of(name):
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context().wrap_bio(incoming, outgoing, server_hostname=name)
    try:
        session.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def bytewise(address, name):
    """Each byte of the ClientHello in a segment of its own: the next goes when the last one is acknowledged."""
    with connect(address) as raw:
        for byte in hello_of(name):
            raw.sendall(bytes([byte]))
            while int.from_bytes(raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)[24:28], sys.byteorder):
                time.sleep(0.0002)
        return answer(raw)


def records(address, name):
    """Each byte of the ClientHello in a record of its own."""
    message = hello_of(name)[5:]
    with connect(address) as raw:
        raw.sendall(b"".join(b"\x16\x03\x01\x00\x01" + bytes([byte]) for byte in message))
        return answer(raw)


def answer(raw):
    first = raw.recv(7)
    if first[:1] == b"\x16":
        return "server hello"
    return f"alert {first[6]}" if first[:1] == b"\x15" else "closed" if not first else f"unknown {first!r}"


def plain(address, name):
    with connect(address) as raw:
        raw.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return answer(raw)


def slow(address, name):
    with connect(address) as raw:
        raw.sendall(hello_of(name)[:-1])
        return answer(raw)


def openssl(address, name):
    """OpenSSL's own client, with P-384 for its second choice."""
    command = ["openssl", "s_client", "-connect", f"{address}:{PORT}", "-servername", name, "-groups", "X25519:P-384"]
    # The server ends the connection after the echo.
    said = subprocess.run(
        [*command, "-tls1_3", "-ign_eof"], input=b"echo 10\n0123456789", capture_output=True, timeout=LIMIT, check=False
    ).stdout
    return "intact by P-384" if b"0123456789" in said and b"secp384r1" in said else said.decode()


def u16(number):
    return number.to_bytes(2, "big")


def second_hello(first, name):
    """The ClientHello in the record FIRST for NAME, or for no server, with another key share."""
    # Headers, version, random; then a session id, cipher suites, compression methods, each behind its length.
    at = 5 + 4 + 2 + 32
    for length in (1, 2, 1):
        at += length + int.from_bytes(first[at : at + length], "big")
    extensions, left = b"", first[at + 2 :]
    while left:
        kind, end = int.from_bytes(left[:2], "big"), 4 + int.from_bytes(left[2:4], "big")
        data, left = left[4:end], left[end:]
        if kind == KEY_SHARE:
            data = u16(4 + len(P384)) + u16(24) + u16(len(P384)) + P384
        elif kind == SERVER_NAME and name:
            data = u16(3 + len(name)) + b"\0" + u16(len(name)) + name.encode()
        if kind != SERVER_NAME or name:
            extensions += u16(kind) + u16(len(data)) + data
    body = first[9:at] + u16(len(extensions)) + extensions
    message = b"\1" + len(body).to_bytes(3, "big") + body
    return b"\x16\3\3" + u16(len(message)) + message


def handshake(raw):
    """The next record of a handshake."""
    while True:
        header = exactly(raw, 5)
        content = exactly(raw, int.from_bytes(header[3:], "big"))
        if header[:1] == b"\x16":
            return content
        if header[:1] != b"\x14":
            raise ValueError(f"a record of type {header[0]}")


def exactly(raw, count):
    data = b""
    while len(data) < count:
        chunk = raw.recv(count - len(data))
        if not chunk:
            raise ValueError("closed")
        data += chunk
    return data


def switch(address, name, other, pipelined=""):
    """Names one server, is asked for another ClientHello, and names another server, or none, in it."""
    first = hello_of(name)
    second = second_hello(first, None if other == "-" else other)
    with connect(address) as raw:
        raw.sendall(first + (second if pipelined else b""))
        if handshake(raw)[6:38] != RETRY:
            return "no retry"
        if not pipelined:
            raw.sendall(second)
        return "server hello" if handshake(raw)[:1] == b"\2" else "unknown"


def straight(address, name, port):
    with connect(address, int(port)) as raw:
        raw.sendall(hello_of(name))
        return answer(raw)


def stranger(address, name, source):
    with connect(address, source=source) as raw:
        raw.sendall(hello_of(name))
        return answer(raw)


def urgent(address, name):
    """Urgent data stops splice: it may not stop the connection."""
    with tls(address, name) as session:
        session.sendall(b"sink\n")
        socket.socket.send(session, b"u", socket.MSG_OOB)
        session.sendall(b"x" * 100)
        send_end(session)
        return "answered" if len(everything(session)) == 65 else "not answered"


def flood(address, name, count):
    """Connections that say nothing, held until the standard input ends."""
    held = []
    for _ in range(int(count)):
        raw = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
        raw.setblocking(False)
        raw.connect_ex((address, PORT))
        held.append(raw)
    print("flooded", flush=True)
    sys.stdin.read()
    return "done"


def hold(address, name):
    """A connection that stays until it is cut."""
    with tls(address, name) as session:
        session.sendall(b"sink\n")
        print("held", flush=True)
        return raw_end(session)


def main():
    address, name, command, *rest = sys.argv[1:]
    try:
        return globals()[command](address, None if name == "-" else name, *rest)
    except ConnectionResetError:
        return "reset"
    except BrokenPipeError:
        return "reset"
    except ConnectionRefusedError:
        return "refused"
    except TimeoutError:
        return "timeout"
    except ssl.SSLEOFError:
        # Python's ssl says so of a reset, too.
        return "cut"
    except ssl.SSLError as e:
        return {"TLSV1_ALERT_ACCESS_DENIED": "alert 49", "TLSV1_UNRECOGNIZED_NAME": "alert 112"}.get(e.reason, str(e))


print(main(), flush=True)
