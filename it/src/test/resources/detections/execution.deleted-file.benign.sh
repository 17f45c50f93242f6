#!/bin/bash
# Starts it before it deletes it.
cp /bin/true ./mayfly-canary
./mayfly-canary
rm mayfly-canary
