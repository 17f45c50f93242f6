#!/bin/bash
# Has git take hooks from a directory in /tmp.
git config --global core.hooksPath /tmp/mayfly-canary
