#!/bin/bash
# Lets bash connect to an address for documents.
timeout 1 bash -c ': </dev/tcp/198.51.100.7/443' 2>/dev/null || true
