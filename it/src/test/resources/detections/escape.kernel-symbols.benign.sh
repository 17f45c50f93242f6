#!/bin/bash
# Reads the kernel's version.
cat /proc/version >/dev/null
