#!/bin/bash
# Reads a project's file of this name.
echo 'token = "CANARY"' >config.toml
grep -c token config.toml >/dev/null
