#!/bin/bash
# Adds a file that is no certificate.
# needs: root
mkdir -p /usr/local/share/ca-certificates
echo canary >/usr/local/share/ca-certificates/mayfly-canary.crt
