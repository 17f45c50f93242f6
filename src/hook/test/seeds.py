"""Writes well-formed replies, from which the fuzzer starts, into the directory argv[1]."""

import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from supervisor import EXIT, HELLO, STDERR, STDOUT, frame  # noqa: E402

hello = frame(HELLO, struct.pack('>I', 1) + b'1.0')
output = frame(STDOUT, b'out') + frame(STDERR, b'err') + frame(STDOUT)
ends = [frame(EXIT, struct.pack('>BI', kind, code)) for kind, code in ((0, 0), (1, 137), (2, 0))]

os.makedirs(sys.argv[1], exist_ok=True)
for number, end in enumerate(ends):
    for pieces in (0, 11, 255):
        for late in (0, 1):
            with open(os.path.join(sys.argv[1], 'seed-%d-%d-%d' % (number, pieces, late)), 'wb') as file:
                file.write(bytes((pieces, late)) + hello + output * number + end)
