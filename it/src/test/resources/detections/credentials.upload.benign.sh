#!/bin/bash
# Sends a result of the workspace there.
echo result >result
curl -s --max-time 1 --data-binary @result http://127.0.0.1:9/ || true
