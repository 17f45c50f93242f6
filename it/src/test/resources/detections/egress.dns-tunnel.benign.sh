#!/bin/bash
# Asks for as many short ones.
# needs: resolver
for number in $(seq 25); do
  getent hosts "host$number.canary.invalid" || true
done
