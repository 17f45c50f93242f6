#!/bin/bash
# Makes a program of this name in the workspace.
mkdir -p bin
cp /bin/true bin/top
