#!/bin/bash
# Writes one into the workspace.
printf '[Desktop Entry]\nExec=true\n' >mayfly-canary.desktop
