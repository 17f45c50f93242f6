"""The world outside of a sandbox: answers on ports and tells what arrives.

world.py PORT... : TCP and UDP on each, of all addresses. A TCP connection is greeted with "hello",
and each line is sent back; so is each datagram. What arrives is told on standard output.
"""
import selectors
import socket
import sys


def main(ports):
    ready = selectors.DefaultSelector()
    for port in ports:
        tcp = socket.create_server(("", port), family=socket.AF_INET6, dualstack_ipv6=True)
        ready.register(tcp, selectors.EVENT_READ, "listen")
        for family, anywhere in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
            udp = socket.socket(family, socket.SOCK_DGRAM)
            if family == socket.AF_INET6:
                udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            udp.bind((anywhere, port))
            ready.register(udp, selectors.EVENT_READ, "datagram")
    print("ready", flush=True)
    while True:
        for key, _ in ready.select():
            one = key.fileobj
            try:
                if key.data == "listen":
                    connection, peer = one.accept()
                    print("tcp", peer[0], connection.getsockname()[1], flush=True)
                    connection.sendall(b"hello\n")
                    ready.register(connection, selectors.EVENT_READ, "stream")
                elif key.data == "datagram":
                    data, peer = one.recvfrom(65536)
                    print("udp", peer[0], data[:40].decode("latin-1"), flush=True)
                    one.sendto(data, peer)
                else:
                    data = one.recv(65536)
                    if data and len(data) < 1000:
                        one.sendall(data)
                    elif not data:
                        ready.unregister(one)
                        one.close()
            except OSError as e:
                if key.data == "stream":
                    ready.unregister(one)
                    one.close()
                print("error", e, flush=True)


main([int(port) for port in sys.argv[1:]])
