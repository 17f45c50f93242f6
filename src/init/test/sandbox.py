"""Runs mayfly-init as PID 1, in name spaces of its own or in a container, and speaks its protocol."""

import os
import select
import struct
import subprocess
import time

SPAWN, STDIN, WINDOW, SIGNAL, RESIZE, KILLALL, PING = range(1, 8)
(HELLO, STARTED, STDOUT, STDERR, STDIN_WINDOW, EXITED, FAILED, PONG, NOTICE, KILLED) = range(64, 74)
PIPES, PTY, MERGED = range(3)
CREDIT = 256 << 10
SCRATCH = '/var/tmp'  # a tmpfs in every sandbox, mode 1777
ENV = [b'PATH=/usr/bin:/bin', b'LC_ALL=C']


def string(value):
    value = value if isinstance(value, bytes) else os.fsencode(value)
    return struct.pack('>I', len(value)) + value


def frame(kind, number, payload=b''):
    return struct.pack('>B3xII', kind, number, len(payload)) + payload


def spawn_payload(argv, uid=1001, gid=1001, groups=(), mode=PIPES, rows=0, columns=0, cwd='/', env=ENV):
    return (struct.pack('>III', uid, gid, len(groups)) + b''.join(struct.pack('>I', g) for g in groups)
            + struct.pack('>BHH', mode, rows, columns) + string(cwd)
            + struct.pack('>I', len(argv)) + b''.join(map(string, argv))
            + struct.pack('>I', len(env)) + b''.join(map(string, env)))


class Result:
    """What was heard of one command."""

    def __init__(self):
        self.pid = self.exited = self.failed = None
        self.out, self.err = bytearray(), bytearray()
        self.ended = set()
        self.usage = None
        self.order = []

    @property
    def code(self):
        return self.exited[1] if self.exited and self.exited[0] == 0 else None

    @property
    def signal(self):
        return self.exited[1] if self.exited and self.exited[0] == 1 else None


class Sandbox:
    """One mayfly-init. Gives credit back for all output, but for the commands in `stalled`."""

    launch = None  # set by the driver: the command line up to mayfly-init's own arguments
    client = False  # whether that is an engine's client, which ends only when its own output was taken

    def __init__(self, *arguments):
        self.process = subprocess.Popen([*self.launch, *arguments], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0)
        self.into, self.out = self.process.stdin.fileno(), self.process.stdout.fileno()
        os.set_blocking(self.into, False)
        self.pending, self.received = bytearray(), bytearray()
        self.commands, self.credit, self.others = {}, {}, []
        self.stalled, self.modes = set(), {}
        self.last, self.ended = 0, None
        self.until(lambda: self.others)
        self.hello = self.others.pop(0)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.ended is None:
            self.hang_up()

    def hang_up(self):
        """Ends fd 0 and gives (exit code, what fd 2 said)."""
        self.process.stdin.close()
        return self.end()

    def end(self):
        """Gives (exit code, what fd 2 said) of a mayfly-init that ends, its frames unread."""
        if self.ended is None:
            while self.client and os.read(self.out, 1 << 20):
                pass
            code = self.process.wait(30)
            self.ended = code, self.process.stderr.read()
            for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
                stream.close()
        return self.ended

    def send(self, kind, number=0, payload=b''):
        self.pending += frame(kind, number, payload)
        self.step(0)

    def spawn(self, argv, **options):
        self.last += 1
        self.commands[self.last] = Result()
        self.credit[self.last] = CREDIT
        self.modes[self.last] = options.get('mode', PIPES)
        self.send(SPAWN, self.last, spawn_payload(argv, **options))
        return self.last

    def run(self, argv, **options):
        stdin = options.pop('stdin', None)
        number = self.spawn(argv, **options)
        if stdin is not None:
            self.feed(number, stdin)
        self.send(STDIN, number)
        return self.wait(number)

    def feed(self, number, data):
        data = memoryview(data)
        while data:
            self.until(lambda: self.credit[number] > 0)
            size = min(len(data), self.credit[number], 64 << 10)
            self.credit[number] -= size
            self.send(STDIN, number, bytes(data[:size]))
            data = data[size:]

    def wait(self, number, seconds=30):
        result = self.commands[number]
        streams = {STDOUT, STDERR} if self.modes[number] == PIPES else {STDOUT}
        self.until(lambda: result.failed or (result.exited and result.ended == streams), seconds)
        return result

    def killall(self):
        self.send(KILLALL)
        self.until(lambda: (KILLED, 0, b'') in self.others)
        self.others.remove((KILLED, 0, b''))

    def ping(self, payload=b'?'):
        self.send(PING, 0, payload)
        self.until(lambda: (PONG, 0, payload) in self.others, 10)
        self.others.remove((PONG, 0, payload))

    def until(self, condition, seconds=30):
        end = time.monotonic() + seconds
        while not condition():
            left = end - time.monotonic()
            if left < 0:
                raise AssertionError('nothing came within %s s' % seconds)
            self.step(left)

    def step(self, seconds):
        ready, writable, _ = select.select([self.out], [self.into] if self.pending else [], [], seconds)
        if writable:
            del self.pending[:os.write(self.into, self.pending[:1 << 20])]
        if ready:
            data = os.read(self.out, 1 << 20)
            if not data:
                raise AssertionError('mayfly-init ended: %r' % (self.end(),))
            self.received += data
            self.decode()

    def decode(self):
        at = 0
        while len(self.received) - at >= 12:
            kind, number, size = struct.unpack_from('>B3xII', self.received, at)
            if len(self.received) - at < 12 + size:
                break
            self.heard(kind, number, bytes(self.received[at + 12:at + 12 + size]))
            at += 12 + size
        del self.received[:at]

    def heard(self, kind, number, payload):
        if number == 0:
            self.others.append((kind, number, payload))
            return
        result = self.commands[number]
        result.order.append(kind)
        if kind == STARTED:
            result.pid, = struct.unpack('>I', payload)
        elif kind in (STDOUT, STDERR):
            (result.out if kind == STDOUT else result.err).extend(payload)
            if not payload:
                result.ended.add(kind)
            elif number not in self.stalled:
                self.pending += frame(WINDOW, number, struct.pack('>BI', kind - STDOUT + 1, len(payload)))
        elif kind == STDIN_WINDOW:
            self.credit[number] += struct.unpack('>I', payload)[0]
            assert self.credit[number] <= CREDIT, 'more credit than there was'
        elif kind == EXITED:
            result.exited = struct.unpack_from('>BB', payload)
            result.usage = struct.unpack_from('>QQQ', payload, 2)
        elif kind == FAILED:
            result.failed = struct.unpack('>BI', payload)
        else:
            raise AssertionError('unknown frame %d' % kind)
