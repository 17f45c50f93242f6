#!/bin/bash
# Tries to end what is called like Mayfly.
pkill -f mayfly-canary-of-no-process || true
