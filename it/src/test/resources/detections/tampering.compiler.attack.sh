#!/bin/bash
# Adds an empty file to GCC's directory.
# needs: root
: >"$(dirname "$(gcc -print-libgcc-file-name)")/mayfly-canary.o"
