#!/bin/bash
# Names a library that is not there for loading into true.
env LD_PRELOAD=/tmp/mayfly-canary.so true 2>/dev/null
