#!/bin/bash
# Looks for the runner's worker by name.
pgrep -f Runner.Worker || true
