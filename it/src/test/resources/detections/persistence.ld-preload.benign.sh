#!/bin/bash
# Writes a file of this name into the workspace.
: >ld.so.preload
