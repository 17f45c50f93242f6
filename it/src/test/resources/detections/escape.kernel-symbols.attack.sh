#!/bin/bash
# Looks for a function in the list.
grep -m1 -c ' T _text$' /proc/kallsyms >/dev/null || true
