"""A stand-in for the supervisor on a Unix socket, and mayfly-hook run beside it."""

import os
import select
import signal
import socket
import struct
import subprocess
import tempfile
import time

ARGUMENT, VARIABLE, RESPONSE, SCRIPT, GO, SIGNAL = range(1, 7)
HELLO, STDOUT, STDERR, EXIT = 64, 66, 67, 70
LIMIT = 20  # seconds that anything may take


def frame(kind, payload=b'', number=0):
    return struct.pack('>B3xII', kind, number, len(payload)) + payload


def hello(version=1, text=b'0.0'):
    return frame(HELLO, struct.pack('>I', version) + text)


def ending(kind=0, code=0):
    return frame(EXIT, struct.pack('>BI', kind, code))


def wait_until(condition):
    """Looks often, and ends as soon as it holds."""
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline, 'it did not come to be within %d s' % LIMIT
        select.select([], [], [], 0.002)


class Call:
    """The supervisor's end of one connection."""

    def __init__(self, connection):
        self.socket = connection
        self.socket.settimeout(LIMIT)

    def send(self, data):
        self.socket.sendall(data)

    def exactly(self, size):
        parts = []
        while size > 0:
            part = self.socket.recv(min(size, 1 << 20))
            assert part, 'the hook hung up'
            parts.append(part)
            size -= len(part)
        return b''.join(parts)

    def frame(self):
        """The next frame as (type, payload); its header is checked."""
        header = self.exactly(12)
        kind, number, size = struct.unpack('>B3xII', header)
        assert header[1:4] == bytes(3) and number == 0, header
        return kind, self.exactly(size)

    def request(self):
        """The frames up to GO; nothing may be behind it."""
        frames = []
        while not frames or frames[-1][0] != GO:
            frames.append(self.frame())
        return frames

    def drain(self):
        """Reads until the hook hangs up, and drops it."""
        while self.socket.recv(1 << 20):
            pass

    def ended(self):
        """Waits until the hook has hung up, without a word more."""
        try:
            return self.socket.recv(1) == b''
        except ConnectionResetError:
            return True

    def close(self):
        self.socket.close()


class Bench:
    """A directory with a socket, and the hooks that use it. As a context manager, it leaves nothing."""

    hook = None  # set by the driver: the program

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix='mayfly-hook-')
        self.path = os.path.join(self.folder.name, 'hook.sock')
        self.listener = None
        self.calls, self.hooks, self.files = [], [], []

    def __enter__(self):
        return self

    def __exit__(self, *error):
        for process in self.hooks:
            if process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()
        for thing in [*self.calls, *self.files]:
            thing.close()
        self.stop_listening()
        self.folder.cleanup()

    def listen(self, backlog=16):
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.settimeout(LIMIT)
        self.listener.bind(self.path)
        self.listener.listen(backlog)
        return self

    def stop_listening(self):
        if self.listener:
            self.listener.close()
            self.listener = None

    def file(self, name, content=b''):
        path = os.path.join(self.folder.name, name)
        with open(path, 'wb') as opened:
            opened.write(content)
        return path

    def start(self, *arguments, env=None, wait='5', options=None, **popen):
        options = ['--socket', self.path, '--wait', wait] if options is None else options
        popen = {'stdin': subprocess.DEVNULL, 'stdout': subprocess.PIPE, 'stderr': subprocess.PIPE, **popen}
        process = subprocess.Popen([self.hook, *options, *arguments], env=env or {}, bufsize=0, **popen)
        self.hooks.append(process)
        return process

    def accept(self, greeting=None):
        call = Call(self.listener.accept()[0])
        self.calls.append(call)
        call.send(hello() if greeting is None else greeting)
        return call

    def started(self, *arguments, **options):
        """A hook that has sent its call: (process, call)."""
        process = self.start(*(arguments or ('prepare',)), **options)
        call = self.accept()
        call.request()
        return process, call


def end_of(process):
    """(exit code, stdout, stderr) of a hook that ends by itself."""
    out, err = process.communicate(timeout=LIMIT)
    return process.returncode, out, err


def state(process, field):
    with open('/proc/%d/status' % process.pid) as file:
        return next(line.split(':', 1)[1].strip() for line in file if line.startswith(field + ':'))


def sleeps(process):
    return state(process, 'State').startswith('S')


SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT)
