#!/bin/bash
# Writes a file of this name into the workspace.
mkdir -p gitlab
echo 'concurrent = 1' >gitlab/config.toml
