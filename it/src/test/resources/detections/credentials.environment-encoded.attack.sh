#!/bin/bash
# Encodes a small environment.
env -i CANARY=1 bash -c 'printenv | base64 >/dev/null'
