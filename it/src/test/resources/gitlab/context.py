"""What ends work early."""

import threading


class Ended(Exception):
    """Work did not come to its own end."""

    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


class Context:
    """Ends once, for the reason given first: by itself after some seconds ('timeout'), with its parent, or when told."""

    def __init__(self, parent=None, seconds=None):
        self.lock = threading.Lock()
        self.reason = None
        self.listeners = []
        self.timer = None
        if parent:
            parent.listen(lambda: self.end(parent.reason))
        if seconds is not None and not self.reason:
            self.timer = threading.Timer(seconds, self.end, ['timeout'])
            self.timer.daemon = True
            self.timer.start()

    def end(self, reason):
        with self.lock:
            if self.reason:
                return
            self.reason = reason
            listeners, self.listeners = self.listeners, []
        self.close()
        for listener in listeners:
            listener()

    def listen(self, listener):
        """Calls it at the end, or at once where that was before."""
        with self.lock:
            if not self.reason:
                self.listeners.append(listener)
                return
        listener()

    def check(self):
        if self.reason:
            raise Ended(self.reason)

    def wait(self, seconds):
        """Waits, and raises where it ends meanwhile."""
        event = threading.Event()
        self.listen(event.set)
        event.wait(seconds)
        self.check()

    def close(self):
        """Its time does not run any more."""
        if self.timer:
            self.timer.cancel()
