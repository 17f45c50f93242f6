"""gitlab-runner run: takes jobs, within the limits, until it is told to stop."""

import os
import queue
import signal
import sys
import threading
import time

from api import Coordinator, Unreachable
from build import Build
from joblog import Reporter, Trace
from signals import OVER, Signals

DEFAULT_CHECK, DEFAULT_SHUTDOWN = 3, 30


class Daemon:
    def __init__(self, config, log):
        self.config, self.log = config, log
        self.signals = Signals(signal.SIGQUIT, signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        self.stopping = threading.Event()
        self.builds, self.lock = set(), threading.Lock()
        self.aborting = False
        self.slots = threading.Semaphore(config['concurrent'])
        self.threads = []

    def run(self):
        pollers = [threading.Thread(target=self.poll, args=[runner], daemon=True) for runner in self.config['runners']]
        for poller in pollers:
            poller.start()
        self.log('info', 'Configuration loaded')
        received = self.next_signal()
        self.stopping.set()
        threading.Thread(target=self.announce_end, args=[pollers], daemon=True).start()
        if received == signal.SIGQUIT:
            self.log('warning', 'Starting graceful shutdown, waiting for builds to finish')
            while received == signal.SIGQUIT:
                received = self.next_signal()
        if received != OVER:
            self.log('warning', 'Starting forceful shutdown')
            self.abort_all()
            received = self.next_signal(self.config.get('shutdown_timeout') or DEFAULT_SHUTDOWN)
            if received != OVER:
                self.leave('shutdown timed out' if received is None else 'forced exit on the second signal')
        self.log('info', 'All workers stopped. Can exit now')

    def next_signal(self, seconds=None):
        """SIGHUP would read the configuration again: nothing that a driver notices."""
        while (received := self.signals.next(seconds)) == signal.SIGHUP:
            pass
        return received

    def leave(self, why):
        self.log('error', why)
        sys.stderr.flush()
        os._exit(1)

    def announce_end(self, pollers):
        for poller in pollers:
            poller.join()
        for thread in self.threads:
            thread.join()
        self.signals.over()

    def abort_all(self):
        with self.lock:
            self.aborting = True
            builds = list(self.builds)
        for build in builds:
            build.abort('interrupted')

    def poll(self, runner):
        coordinator = Coordinator(runner)
        free = queue.SimpleQueue()
        for slot in range(runner.get('limit') or self.config['concurrent']):
            free.put(slot)
        while not self.stopping.is_set():
            self.slots.acquire()
            slot = free.get()
            job = None
            if not self.stopping.is_set():
                try:
                    job = coordinator.request_job()
                except (Unreachable, ValueError) as e:
                    self.log('warning', f'Checking for jobs... failed: {e}')
            if job:
                self.log('info', f'Checking for jobs... received job={job["id"]}')
                thread = threading.Thread(target=self.build, args=[coordinator, runner, job, slot, free], daemon=True)
                self.threads = [t for t in self.threads if t.is_alive()] + [thread]
                thread.start()
            else:
                free.put(slot)
                self.slots.release()
                self.stopping.wait(self.config.get('check_interval') or DEFAULT_CHECK)

    def build(self, coordinator, runner, job, slot, free):
        try:
            trace = Trace(runner.get('output_limit'))
            build = Build(runner, job, slot, trace, self.log)
            with self.lock:
                self.builds.add(build)
                if self.aborting:
                    build.abort('interrupted')
            started = time.monotonic()
            reporter = Reporter(coordinator, job, trace, build, self.log)
            outcome = build.run()
            reporter.finish(*outcome)
            self.log('info', f'Job {job["id"]} ended: {outcome[0]} {outcome[1] or ""} '
                             f'duration_s={time.monotonic() - started:.3f}')
            with self.lock:
                self.builds.discard(build)
        finally:
            free.put(slot)
            self.slots.release()
