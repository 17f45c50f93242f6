#!/bin/bash
# Binds a shell to a port of loopback where nobody listens.
timeout 2 bash -c 'bash -i >& /dev/tcp/127.0.0.1/9 0>&1' 2>/dev/null || true
