"""A job's log, and how it and the job's state are told to GitLab meanwhile."""

import re
import tempfile
import threading
import time
import zlib

from api import Unreachable
from installed import TOUCH_SECONDS, UPDATE_SECONDS

PATCH_BYTES = 1 << 20
DEFAULT_LIMIT_KB = 4096


class Trace:
    """Bytes in a file, masked and bounded."""

    def __init__(self, limit_kb):
        self.lock = threading.Lock()
        self.file = tempfile.TemporaryFile()
        self.size = self.sum = 0
        self.limit = (limit_kb or DEFAULT_LIMIT_KB) * 1024
        self.secrets, self.pattern, self.held = [], None, b''
        self.full = False

    def mask(self, secrets):
        with self.lock:
            self.secrets = sorted({s.encode() for s in secrets if s}, key=len, reverse=True)
            self.pattern = re.compile(b'|'.join(map(re.escape, self.secrets))) if self.secrets else None

    def write(self, data):
        with self.lock:
            if self.pattern:
                data = self.pattern.sub(b'[MASKED]', self.held + data)
                keep = len(data) - self.unfinished(data)
                data, self.held = data[:keep], data[keep:]
            self.append(data)

    def unfinished(self, data):
        """How many bytes at the end may be the beginning of a secret."""
        longest = 0
        for secret in self.secrets:
            at = max(0, len(data) - len(secret) + 1)
            while (at := data.find(secret[:1], at)) >= 0:
                if secret.startswith(data[at:]):
                    longest = max(longest, len(data) - at)
                    break
                at += 1
        return longest

    def append(self, data):
        if self.full or not data:
            return
        if self.size + len(data) > self.limit:
            self.full = True
            data = data[:self.limit - self.size] + \
                b'\n\x1b[33;1mJob\'s log exceeded limit of %d bytes.\x1b[0;m\n' % self.limit
        self.file.seek(0, 2)
        self.file.write(data)
        self.size += len(data)
        self.sum = zlib.crc32(data, self.sum)

    def finish(self):
        with self.lock:
            data, self.held = self.held, b''
            self.append(data)

    def read(self, start):
        with self.lock:
            self.file.seek(start)
            return self.file.read(PATCH_BYTES)

    def sums(self):
        with self.lock:
            return f'crc32:{self.sum:x}', self.size


class Reporter:
    """Tells GitLab how a build goes, and the build what GitLab says."""

    def __init__(self, coordinator, job, trace, build, log):
        self.coordinator, self.job, self.trace, self.build, self.log = coordinator, job, trace, build, log
        self.interval = UPDATE_SECONDS
        self.sent, self.sent_at = 0, time.monotonic()
        self.over = threading.Event()
        self.gone = False
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        self.heed(self.tell('running'))
        while not self.over.wait(self.interval):
            if self.trace.sums()[1] > self.sent:
                self.patch()
            elif time.monotonic() - self.sent_at >= TOUCH_SECONDS:
                self.heed(self.tell('running'))

    def tell(self, *state):
        """The status, or 0 where there was none."""
        try:
            status, headers, _ = self.coordinator.update(self.job, state[0], self.trace, *state[1:])
        except Unreachable as e:
            self.log('warning', str(e))
            return 0, {}
        self.sent_at = time.monotonic()
        return status, headers

    def patch(self):
        content = self.trace.read(self.sent)
        try:
            status, headers, _ = self.coordinator.patch(self.job, content, self.sent)
        except Unreachable as e:
            self.log('warning', str(e))
            return 0
        self.sent_at = time.monotonic()
        if status == 202:
            self.sent += len(content)
        elif status == 416:
            self.sent = int(headers['Range'].partition('-')[2])
        self.heed((status, headers))
        return status

    def heed(self, answer):
        status, headers = answer
        self.interval = int(headers.get('X-GitLab-Trace-Update-Interval') or 0) or self.interval
        if status in (403, 404):
            self.gone = True
        if self.gone or headers.get('Job-Status') in ('canceled', 'failed'):
            self.build.abort()
        elif headers.get('Job-Status') == 'canceling':
            self.build.cancel()

    def finish(self, state, reason, code):
        """Returns when GitLab has all, or wants no more."""
        self.trace.finish()
        self.over.set()
        self.thread.join()
        self.interval = UPDATE_SECONDS
        while not self.gone:
            while not self.gone and self.sent < self.trace.sums()[1]:
                if self.patch() not in (202, 416):
                    time.sleep(self.interval)
            if self.gone:
                return
            status, headers = self.tell(state, reason, code)
            self.heed((status, headers))
            if status == 200:
                return
            if status == 412:
                self.sent = 0
            time.sleep(self.interval)
