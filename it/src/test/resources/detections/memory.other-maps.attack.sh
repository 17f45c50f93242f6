#!/bin/bash
# Reads the map of a child.
sleep 5 &
cat "/proc/$!/maps" >/dev/null
kill $!
