#!/bin/bash
# Reads how much memory there is.
cat /proc/meminfo >/dev/null
