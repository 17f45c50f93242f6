#!/bin/bash
# Runs what a closed port has to say.
bash <(curl -s --max-time 1 http://127.0.0.1:9/install.sh) || true
