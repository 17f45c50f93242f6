#!/bin/bash
# Waits for a port of loopback, as many scripts do.
timeout 2 bash -c '</dev/tcp/127.0.0.1/9' 2>/dev/null || true
