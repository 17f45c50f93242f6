#!/bin/bash
# Starts a copy of true from a hidden directory.
mkdir -p /tmp/.mayfly-canary
cp /bin/true /tmp/.mayfly-canary/true
/tmp/.mayfly-canary/true
