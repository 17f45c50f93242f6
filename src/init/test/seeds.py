"""Writes well-formed frames, from which the fuzzer starts, into the directory argv[1]."""

import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from sandbox import *  # noqa: E402,F403

SPAWNS = [spawn_payload(['true']), spawn_payload(['a', 'b'], groups=(1, 2), mode=MERGED, cwd='/work', env=[]),
          spawn_payload(['sh', '-c', ':'], uid=0, gid=0, mode=PTY, rows=24, columns=80)]
SEEDS = [*SPAWNS, *(frame(SPAWN, 1, payload) for payload in SPAWNS), frame(STDIN, 1, b'in') + frame(STDIN, 1),
         frame(WINDOW, 1, struct.pack('>BI', 2, 9)) + frame(SIGNAL, 1, b'\1\x0f'),
         frame(RESIZE, 1, bytes(4)) + frame(KILLALL, 0) + frame(PING, 0, b'?')]

os.makedirs(sys.argv[1], exist_ok=True)
for number, seed in enumerate(SEEDS):
    with open(os.path.join(sys.argv[1], 'seed-%d' % number), 'wb') as file:
        file.write(seed)
