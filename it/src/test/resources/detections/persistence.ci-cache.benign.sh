#!/bin/bash
# Writes an archive into the workspace.
echo canary >artifacts.zip
