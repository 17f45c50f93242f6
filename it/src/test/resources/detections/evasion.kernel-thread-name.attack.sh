#!/bin/bash
# Takes the name of one of the kernel's workers.
python3 -c 'import ctypes; ctypes.CDLL(None).prctl(15, b"kworker/0:1", 0, 0, 0)'
