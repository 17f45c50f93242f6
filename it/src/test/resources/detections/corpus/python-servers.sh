#!/bin/bash
# A test suite in Python that forks servers, workers and pools, with sockets of every usual kind.
set -euo pipefail
cat >test_servers.py <<'PYTHON'
import http.server, multiprocessing, os, signal, socket, socketserver, subprocess, sys, tempfile, threading, unittest, urllib.request


class Echo(socketserver.StreamRequestHandler):
    def handle(self):
        self.wfile.write(self.rfile.readline())


class Servers(unittest.TestCase):
    def test_forking_tcp(self):
        with socketserver.ForkingTCPServer(("127.0.0.1", 0), Echo) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            for number in range(5):
                with socket.create_connection(server.server_address) as client:
                    client.sendall(b"%d\n" % number)
                    self.assertEqual(client.makefile().readline(), f"{number}\n")
            server.shutdown()

    def test_unix(self):
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "test.sock")
            with socketserver.ThreadingUnixStreamServer(path, Echo) as server:
                threading.Thread(target=server.serve_forever, daemon=True).start()
                with socket.socket(socket.AF_UNIX) as client:
                    client.connect(path)
                    client.sendall(b"x\n")
                    self.assertEqual(client.recv(2), b"x\n")
                server.shutdown()

    def test_udp(self):
        with socket.socket(type=socket.SOCK_DGRAM) as one, socket.socket(type=socket.SOCK_DGRAM) as two:
            one.bind(("127.0.0.1", 0))
            two.sendto(b"x", one.getsockname())
            self.assertEqual(one.recv(1), b"x")

    def test_sessions_and_signals(self):
        child = subprocess.Popen(["sleep", "30"], start_new_session=True)
        os.killpg(child.pid, signal.SIGTERM)
        self.assertEqual(child.wait(), -signal.SIGTERM)

    def test_pool(self):
        with multiprocessing.Pool(4) as pool:
            self.assertEqual(sum(pool.map(abs, range(-100, 0))), 5050)

    def test_many_ports(self):
        servers = [socket.create_server(("127.0.0.1", 0)) for _ in range(150)]
        for server in servers:
            socket.create_connection(server.getsockname()).close()
        for server in servers:
            server.close()


if __name__ == "__main__":
    unittest.main(verbosity=0)
PYTHON
python3 test_servers.py
echo "CORPUS-OK python-servers"
