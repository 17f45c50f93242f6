#!/bin/bash
# Adds a file to apt's configuration that says nothing.
# needs: root
echo '// canary' >/etc/apt/apt.conf.d/99mayfly-canary
