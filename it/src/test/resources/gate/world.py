"""A TLS server in a name space of the test, for all names and addresses: world.py CERTIFICATE KEY RETRY. At the address
RETRY it takes P-384 alone for the key exchange, and so answers clients that begin with another with HelloRetryRequest.
One command a connection, within TLS:
echo N       sends back N bytes as they come
sink         reads to the end, then sends the SHA-256 of it (half-close by the client)
source N     sends N bytes and ends its direction, then reads to the end and prints what came (half-close by the server)
reset        resets the connection
"""
import hashlib
import socket
import ssl
import struct
import sys
import threading


def line(tls):
    text = b""
    while not text.endswith(b"\n"):
        byte = tls.recv(1)
        if not byte:
            return []
        text += byte
    return text.decode().split()


def chunks(tls):
    try:
        while chunk := tls.recv(65536):
            yield chunk
    except (ssl.SSLError, ConnectionError):
        return


def serve(raw, contexts):
    try:
        answer(raw, contexts[raw.getsockname()[0] == sys.argv[3]])
    except OSError as e:
        print("ended by", e, file=sys.stderr)


def answer(raw, context):
    try:
        tls = context.wrap_socket(raw, server_side=True)
    except (ssl.SSLError, OSError):
        raw.close()
        return
    with tls:
        command = line(tls)
        if command[:1] == ["echo"]:
            left = int(command[1])
            while left:
                chunk = tls.recv(min(left, 65536))
                if not chunk:
                    return
                tls.sendall(chunk)
                left -= len(chunk)
        elif command == ["sink"]:
            digest = hashlib.sha256()
            for chunk in chunks(tls):
                digest.update(chunk)
            tls.sendall(digest.hexdigest().encode() + b"\n")
        elif command[:1] == ["source"]:
            tls.sendall(b"s" * int(command[1]))
            # Not SSLSocket.shutdown, which would also forget the session.
            socket.socket.shutdown(tls, socket.SHUT_WR)
            print("got", sum(len(chunk) for chunk in chunks(tls)), flush=True)
        elif command == ["reset"]:
            tls.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def accept(server, contexts):
    while True:
        raw, _ = server.accept()
        threading.Thread(target=serve, args=(raw, contexts), daemon=True).start()


def context():
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # The end of the TCP stream is an end like any other: what is tried is whether it is passed on.
    made.options |= ssl.OP_IGNORE_UNEXPECTED_EOF
    made.load_cert_chain(sys.argv[1], sys.argv[2])
    return made


def main():
    contexts = [context(), context()]
    contexts[True].set_ecdh_curve("secp384r1")
    for family, any_address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        server = socket.socket(family, socket.SOCK_STREAM)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        server.bind((any_address, 443))
        server.listen(1024)
        threading.Thread(target=accept, args=(server, contexts), daemon=True).start()
    print("ready", flush=True)
    sys.stdin.read()


main()
