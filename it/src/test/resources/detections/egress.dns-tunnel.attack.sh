#!/bin/bash
# Asks for 25 names that hold counted zeros.
# needs: resolver
for number in $(seq 25); do
  getent hosts "$(printf '%040d' "$number").canary.invalid" || true
done
