#!/bin/bash
# Starts a copy of true from among locks: engines let nothing be executed in /dev/shm.
# needs: root
mkdir -p /run/lock
cp /bin/true /run/lock/mayfly-canary
/run/lock/mayfly-canary
rm -f /run/lock/mayfly-canary
