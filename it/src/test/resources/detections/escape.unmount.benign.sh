#!/bin/bash
# Lists what is mounted.
cat /proc/self/mountinfo >/dev/null
