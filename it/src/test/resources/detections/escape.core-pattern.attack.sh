#!/bin/bash
# Tries to write the pattern that is there already; the kernel refuses it.
echo core | tee /proc/sys/kernel/core_pattern >/dev/null 2>&1 || true
