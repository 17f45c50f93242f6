#!/bin/bash
# Reads the command line of one, as every ps does.
sleep 5 &
cat "/proc/$!/cmdline" >/dev/null
kill $!
