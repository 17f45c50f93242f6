"""
Runs a command in a terminal and does to it what a person would.

    drive.py STEPS COMMAND...

STEPS is a JSON list of ["expect", TEXT] (wait until it was printed), ["type", TEXT], ["resize", ROWS, COLUMNS],
["signal", NUMBER], ["raw"] (fail unless the terminal is raw now) and ["hang up"]. The terminal has 33 rows and 99
columns. Prints a JSON object: all "output", the "code" it exited with, and whether the terminal's modes were "restored".
"""

import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios
import time

LIMIT_SECONDS = 120


class Terminal:
    def __init__(self, command):
        self.master, self.slave = pty.openpty()
        self.resize(33, 99)
        self.before = termios.tcgetattr(self.slave)
        self.output, self.seen = b'', 0
        self.pid = os.fork()
        if self.pid == 0:
            os.setsid()
            fcntl.ioctl(self.slave, termios.TIOCSCTTY, 0)
            for fd in range(3):
                os.dup2(self.slave, fd)
            os.closerange(3, 256)
            os.execvp(command[0], command)

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))

    def read(self, seconds):
        if self.master >= 0 and select.select([self.master], [], [], seconds)[0]:
            self.output += os.read(self.master, 65536)
            return True
        return False

    def expect(self, text):
        end = time.monotonic() + LIMIT_SECONDS
        while text.encode() not in self.output[self.seen:]:
            if not self.read(max(0, end - time.monotonic())):
                sys.exit('%r was not printed, but %r' % (text, self.output))
        self.seen += self.output[self.seen:].index(text.encode()) + len(text.encode())

    def type(self, text):
        os.write(self.master, text.encode())

    def signal(self, number):
        os.kill(self.pid, number)

    def raw(self):
        if termios.tcgetattr(self.slave)[3] & (termios.ICANON | termios.ISIG | termios.ECHO):
            sys.exit('the terminal is not raw')

    def hang_up(self):
        os.close(self.master)
        self.master = -1

    def end(self):
        while True:
            self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                while self.read(0):
                    pass
                restored = self.master >= 0 and termios.tcgetattr(self.slave) == self.before
                code = os.waitstatus_to_exitcode(status)
                return {'output': self.output.decode(errors='replace'), 'code': code, 'restored': restored}


def main():
    terminal = Terminal(sys.argv[2:])
    for name, *arguments in json.loads(sys.argv[1]):
        getattr(terminal, name.replace(' ', '_'))(*arguments)
    print(json.dumps(terminal.end()))


main()
