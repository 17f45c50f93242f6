#!/bin/bash
# Writes a script of this name into the workspace.
echo ': canary' >rc
