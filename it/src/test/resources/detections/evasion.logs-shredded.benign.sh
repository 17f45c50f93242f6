#!/bin/bash
# Removes logs, as the making of an image does.
rm -f /var/log/mayfly-canary 2>/dev/null || true
