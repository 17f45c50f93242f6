#!/bin/bash
# Adds a library that is an empty file.
# needs: root
: >"/usr/lib/$(uname -m)-linux-gnu/libmayfly-canary.so"
