#!/bin/bash
# Takes a name of its own.
python3 -c 'import ctypes; ctypes.CDLL(None).prctl(15, b"worker-1", 0, 0, 0)'
