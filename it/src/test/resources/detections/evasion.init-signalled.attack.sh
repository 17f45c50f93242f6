#!/bin/bash
# Sends no signal, but asks whether it could.
env kill -0 1 2>/dev/null || true
