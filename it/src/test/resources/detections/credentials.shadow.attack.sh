#!/bin/bash
# Reads the sandbox's own hashes, of which there are none.
# needs: root
cat /etc/shadow >/dev/null
