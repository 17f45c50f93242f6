#!/bin/bash
# Makes it executable, and a directory that gives its group.
cp /bin/true ./canary
chmod 0755 ./canary
mkdir -p shared
chmod 2775 shared
