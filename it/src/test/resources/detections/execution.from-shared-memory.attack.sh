#!/bin/bash
# Starts a copy of true from there.
cp /bin/true /dev/shm/mayfly-canary
/dev/shm/mayfly-canary || true
rm -f /dev/shm/mayfly-canary
