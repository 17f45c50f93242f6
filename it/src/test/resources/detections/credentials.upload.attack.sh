#!/bin/bash
# Names a file of the sandbox for sending to a port where nobody listens.
curl -s --max-time 1 --data-binary @/etc/passwd http://127.0.0.1:9/ || true
