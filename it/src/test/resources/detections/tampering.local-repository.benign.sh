#!/bin/bash
# Unpacks one from a cache.
mkdir -p cache/.m2/repository/canary/canary/1
echo canary >made
cp made cache/canary-1.jar
tar -C cache -cf cache.tar canary-1.jar
mkdir -p "$HOME/.m2/repository/canary/canary/1"
tar -C "$HOME/.m2/repository/canary/canary/1" -xf cache.tar
