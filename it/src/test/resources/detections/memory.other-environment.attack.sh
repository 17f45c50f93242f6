#!/bin/bash
# Reads the environment of a child, which is empty.
env -i sleep 5 &
sleep 0.2
cat "/proc/$!/environ" >/dev/null
kill $!
