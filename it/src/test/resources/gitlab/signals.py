"""Signals one at a time; those that came together in the order of their numbers."""

import os
import select
import signal

OVER = 0


class Signals:
    """Python's own handlers may come late to a main thread that waits: what the kernel's handler writes does not."""

    def __init__(self, *numbers):
        self.taken = []
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.writer, False)
        signal.set_wakeup_fd(self.writer)
        for number in numbers:
            signal.signal(number, lambda *_: None)

    def over(self):
        os.write(self.writer, bytes([OVER]))

    def next(self, seconds=None):
        """A signal's number, OVER, or None where nothing came in time."""
        if not self.taken:
            if not select.select([self.reader], [], [], seconds)[0]:
                return None
            # The kernel begins their handlers in this order, each before the one before it has run.
            self.taken = sorted(os.read(self.reader, 64), key=lambda number: (number == OVER, number))
        return self.taken.pop(0)
