#!/bin/bash
# Encodes the environment of the encoder itself.
env -i CANARY=1 base64 /proc/self/environ >/dev/null
