#!/bin/bash
# Turns hooks off, and asks for the value.
git -c core.hooksPath=/dev/null version
git config --get core.hooksPath || true
