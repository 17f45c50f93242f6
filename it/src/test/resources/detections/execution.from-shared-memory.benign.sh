#!/bin/bash
# Starts one from the workspace.
cp /bin/true ./mayfly-canary
./mayfly-canary
