#!/bin/bash
# Lists what is mounted.
cat /proc/self/mounts >/dev/null
