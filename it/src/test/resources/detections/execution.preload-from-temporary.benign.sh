#!/bin/bash
# Names one of the system.
env LD_PRELOAD=libc.so.6 true
