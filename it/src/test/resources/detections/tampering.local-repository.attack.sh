#!/bin/bash
# Drops a jar into the repository.
mkdir -p "$HOME/.m2/repository/canary/canary/1"
echo canary >"$HOME/.m2/repository/canary/canary/1/canary-1.jar"
