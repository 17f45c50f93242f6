#!/bin/bash
# Downloads nothing, and starts a program of the image.
curl -s --max-time 1 -o /tmp/mayfly-canary.tar.gz http://127.0.0.1:9/tool.tar.gz || true
true
